"""The script that Streamlit runs. It stands alone: its folder comes before all others to import from."""

from app.main import main

main()
