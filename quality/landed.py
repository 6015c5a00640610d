"""The runner: every suite on every landed file."""

import duckdb

from quality.results import CheckResult


def check_landed(connection: duckdb.DuckDBPyConnection, run_id: str) -> list[CheckResult]:
    """What each claim found in each landed file: one result per suite, claim and file."""
    raise NotImplementedError
