"""Moving rows: from the release as Arrow record batches into a table by binary COPY, in constant memory."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

import duckdb
from adbc_driver_manager.dbapi import Connection
from adbc_driver_postgresql import dbapi  # type: ignore[import-untyped]
from psycopg.sql import SQL, Literal

from home.settings_publishing import PostgreSQL
from orchestration.postgres.marts import Mart
from orchestration.postgres.server import SESSION, Target, address
from orchestration.postgres.tables import SHOWN, part_of

BATCH_ROWS: Final = 8_192
"""Rows under way at a time. A batch is encoded before it is sent, so small ones keep client and server both at work."""


@contextmanager
def opened(settings: PostgreSQL) -> Iterator[Connection]:
    """A connection that takes Arrow. Raises dbapi.Error and TargetError."""
    with dbapi.connect(address(settings)) as sink:
        with sink.cursor() as cursor:
            for setting in SESSION:
                cursor.execute(setting)
        sink.commit()
        yield sink


def load_part(
    source: duckdb.DuckDBPyConnection, sink: Connection, target: Target, mart: Mart, number: int
) -> None:
    """Fill the run's own table of a mart. Raises dbapi.Error; the table is then as empty as it was."""
    _copy(source, sink, target, mart.selected(), part_of(mart.name, number))


def append(
    source: duckdb.DuckDBPyConnection, sink: Connection, target: Target, mart: Mart, number: int
) -> None:
    """Bring an appended mart up to date, out of sight until the run is in force.

    Its rows are told apart by the run that wrote them: what a run wrote never changes, but a later run of the same day
    may take its place. So runs that the database shows with as many rows are right already. Raises psycopg.Error and
    dbapi.Error.
    """
    there = dict(
        target.rows(
            "SELECT run_id, count(*) FROM {store}.{mart} WHERE {shown} GROUP BY run_id",
            mart=mart.name,
            shown=SQL(SHOWN).format(run=target.statement("(SELECT number FROM {store}.current_run)")),
        )
    )
    here = dict(source.execute(f"SELECT run_id, count(*) FROM marts.{mart.name} GROUP BY run_id").fetchall())
    gone = [run_id for run_id, count in there.items() if here.get(run_id) != count]
    new = [run_id for run_id, count in here.items() if there.get(run_id) != count]
    if gone:
        target.execute(
            "UPDATE {store}.{mart} SET published_until = {number} WHERE {shown} AND run_id = ANY(%s)",
            gone,
            mart=mart.name,
            number=Literal(number),
            shown=SQL(SHOWN).format(run=target.statement("(SELECT number FROM {store}.current_run)")),
        )
    if new:
        rows = mart.selected([f"{number}::INTEGER AS published_from"], f"run_id IN ({_texts(new)})")
        _copy(source, sink, target, rows, mart.name)


def _copy(
    source: duckdb.DuckDBPyConnection, sink: Connection, target: Target, query: str, table: str
) -> None:
    rows = source.execute(query).to_arrow_reader(BATCH_ROWS)
    with sink.cursor() as cursor:
        cursor.adbc_ingest(table, rows, mode="append", db_schema_name=f"{target.settings.schema_name}_runs")
    sink.commit()


def _texts(values: Iterable[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)
