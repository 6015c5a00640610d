"""What leaves the firm on paper: the statement of account and letters as PDF, and how each language writes figures.

Given everything; reads nothing but its own texts. Knows nothing of Dagster, dbt, the command line, Streamlit, e-mail,
or of where figures come from.
"""
