"""What reviewers decide, kept for ever: an append-only store in which each decision is chained to the one before it.

Knows nothing of Dagster, dbt, the command line or the review application; all of these use it.
"""
