"""A working database with a few marts, as dbt would have built it, made by hand in milliseconds."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from home.layout import Home
from home.tables import HISTORY, RunContext
from orchestration.warehouse import connect

Build = Callable[[str], RunContext]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home.at(tmp_path / "home")
    home.create()
    return home


@pytest.fixture
def build(home: Home) -> Build:
    """Builds the marts of a run: two items of 1,200.00 and -34.50, and two exceptions, one of them new."""

    def build_run(run_id: str) -> RunContext:
        context = RunContext(
            run_id, date(2026, 6, 30), date(2026, 7, 1), datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
        )
        (home.warehouse / "encours.duckdb").unlink(missing_ok=True)
        with connect(home) as connection:
            connection.execute("CREATE SCHEMA marts")
            for mart, schema in HISTORY.items():
                connection.register("empty", schema.empty_table())
                connection.execute(f"CREATE TABLE marts.{mart} AS SELECT * FROM empty")
            connection.execute("ALTER TABLE marts.dim_runs ADD COLUMN is_current BOOLEAN")
            connection.execute(
                "INSERT INTO marts.dim_runs BY NAME SELECT $1 AS run_id, $2 AS as_of_date, $3 AS known_at_date, "
                "$4 AS started_at, true AS is_current",
                [run_id, context.as_of_date, context.known_at_date, context.started_at],
            )
            connection.execute(
                "INSERT INTO marts.fct_reconciliation_exceptions "
                "VALUES ($1, 'gap', DATE '2026-07-01'), ($1, 'old', DATE '2026-06-30')",
                [run_id],
            )
            connection.execute(
                "CREATE TABLE marts.fct_open_items AS SELECT * FROM (VALUES ('a', 1200.00::DECIMAL(18, 2)), "
                "('b', -34.50)) AS items (item_id, open_amount)"
            )
        return context

    return build_run
