"""The project builds on a small set of books, and its data tests pass there."""

import duckdb
from dbt.cli.main import dbtRunnerResult
from dbt.contracts.results import NodeStatus


def test_the_small_books_build_and_pass_every_data_test(build: dbtRunnerResult) -> None:
    wrong = {
        result.node.name: f"{result.status}: {result.message}"
        for result in build.result.results
        if result.status not in (NodeStatus.Success, NodeStatus.Pass)
    }
    assert wrong == {}


def test_every_model_of_the_small_books_has_rows(marts: duckdb.DuckDBPyConnection) -> None:
    """A check that runs on an empty table proves nothing."""
    relations = marts.execute(
        "select table_schema || '.' || table_name from information_schema.tables "
        "where table_schema in ('staging', 'intermediate', 'marts')"
    ).fetchall()
    assert [name for (name,) in relations if marts.execute(f"select 1 from {name}").fetchone() is None] == []
