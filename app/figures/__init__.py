"""What the pages show, read from the published marts. Nothing here knows Streamlit, or writes."""
