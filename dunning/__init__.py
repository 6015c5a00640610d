"""Reminders to customers: their words, e-mails and letters, sending, and the log of what was sent.

Given rows of the published marts; decides nothing about whom to remind. Knows nothing of Dagster, dbt, the command line
or Streamlit.
"""
