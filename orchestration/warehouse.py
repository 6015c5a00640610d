"""The working database: made from nothing at each run, so that no past run can leave anything in it."""

import shutil
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from decisions.decision import Decision
from decisions.tables import decision_tables
from home.layout import Home
from home.settings import Settings
from home.tables import (
    DUNNING_SENT,
    HISTORY,
    QUALITY_RESULTS,
    RunContext,
    run_context,
    settings_tables,
    working_days,
)
from ingestion.landing import landed_files
from ingestion.schemas import LANDED_TABLES

SMALL_BYTES: Final = 1 << 20

MEMORY_LIMIT: Final = "2500MB"
"""What DuckDB may hold at once, as in `dbt_profiles/profiles.yml`: left alone it keeps all that it has read."""

SCHEMAS: Final = ("landing", "settings", "run", "decisions", "dunning", "quality", "history")
"""Schemas that hold the dbt sources; dbt makes its own."""


def database(home: Home) -> Path:
    """The working database's file."""
    return home.warehouse / "encours.duckdb"


def connect(home: Home, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection to the working database. What does not fit in memory spills beside it, inside the home."""
    return duckdb.connect(database(home), read_only=read_only, config={"memory_limit": MEMORY_LIMIT})


def prepare(
    home: Home,
    settings: Settings,
    context: RunContext,
    source_files: pa.Table,
    published_runs: Collection[str],
    decisions: Sequence[Decision] = (),
    sent: pa.Table | None = None,
) -> None:
    """Make the working database with all dbt sources except ``quality.results``, which stays empty.

    ``source_files`` has the schema ``ingestion.schemas.SOURCE_FILES``. Only the history that ``published_runs``
    left is read. ``decisions`` are those in force, in their order; ``sent`` is the log of reminders, none when absent.
    """
    home.warehouse.mkdir(parents=True, exist_ok=True)
    for leftover in home.warehouse.glob(f"{database(home).name}*"):
        # DuckDB's name for the folder that it spills to.
        if leftover.suffix == ".tmp":
            shutil.rmtree(leftover)
        else:
            leftover.unlink()
    with connect(home) as connection:
        # One transaction: each commit of its own would wait for the disk, some hundred times.
        connection.begin()
        for schema in SCHEMAS:
            connection.execute(f"CREATE SCHEMA {schema}")
        for table, schema in LANDED_TABLES.items():
            if table != "source_files":
                _view(connection, f"landing.{table}", schema, landed_files(home, table))
        _table(connection, "landing.source_files", source_files)
        paths: list[str] = source_files["source_file"].to_pylist()
        for table, rows in settings_tables(settings, paths).items():
            _table(connection, f"settings.{table}", rows)
        _table(connection, "run.context", run_context(context, settings))
        _table(connection, "run.working_days", working_days(context, settings))
        for table, rows in decision_tables(decisions, settings.time_zone).items():
            _table(connection, f"decisions.{table}", rows)
        _table(connection, "dunning.sent", DUNNING_SENT.empty_table() if sent is None else sent)
        _table(connection, "quality.results", QUALITY_RESULTS.empty_table())
        for mart, schema in HISTORY.items():
            files = [home.history / mart / f"{run_id}.parquet" for run_id in sorted(published_runs)]
            _view(connection, f"history.{mart}", schema, [file for file in files if file.exists()])
        connection.commit()


def store_quality_results(connection: duckdb.DuckDBPyConnection, results: pa.Table) -> None:
    """Append ``results`` (schema ``home.tables.QUALITY_RESULTS``) to the source ``quality.results``."""
    connection.register("incoming", results)
    connection.execute("INSERT INTO quality.results BY NAME SELECT * FROM incoming")
    connection.unregister("incoming")


def _table(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    connection.register("incoming", rows)
    connection.execute(f"CREATE TABLE {name} AS SELECT * FROM incoming")
    connection.unregister("incoming")


def _view(connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, files: Iterable[Path]) -> None:
    """A view over Parquet files with the columns of ``schema``. Columns that older files lack are null.

    The rows of small files are copied: to open a file takes a millisecond, whatever is in it, and a refresh looks at
    each table many times. The list of files is explicit: one that is being written beside them is not read.
    """
    small: list[Path] = []
    large: list[Path] = []
    for file in files:
        (small if file.stat().st_size < SMALL_BYTES else large).append(file)
    copied, columns = f"{name}_copied", ", ".join(schema.names)
    _table(connection, copied, schema.empty_table())

    def rows_with(others: Sequence[Path]) -> str:
        listed = ", ".join("'" + str(file).replace("'", "''") + "'" for file in others)
        return (
            f"SELECT {columns} FROM (SELECT * FROM {copied} UNION ALL BY NAME "
            f"SELECT * FROM read_parquet([{listed}], union_by_name = true))"
        )

    if small:
        connection.execute(f"INSERT INTO {copied} {rows_with(small)}")
    source = rows_with(large) if large else f"SELECT * FROM {copied}"
    connection.execute(f"CREATE VIEW {name} AS {source}")
