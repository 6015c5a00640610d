"""Reads the aged balance over and over, as a BI tool does, in a process of its own: ``python -m … WAY SOURCE STOP``.

Reads once, and again until the file STOP exists. Writes a JSON list: each different answer, with how often it came.
An answer is the id of the run in force, and the rows of its aged balance, each amount as exact text.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

AMOUNTS: Final = (
    "total_amount",
    "overdue_amount",
    "not_due_3",
    "not_due_2",
    "not_due_1",
    "overdue_1",
    "overdue_2",
    "overdue_3",
    "overdue_4",
    "unapplied",
    "undated",
)
COLUMNS: Final = ("company_id", "ledger_side", "third_party_code", *AMOUNTS)
QUERY: Final = f"""
    SELECT runs.run_id, {", ".join(f"aged.{column}" for column in COLUMNS)}
    FROM marts.mart_aged_balance AS aged CROSS JOIN marts.dim_runs AS runs
    WHERE runs.is_current
"""
PAUSE: Final = 0.02
"""Seconds between two looks, so that several readers leave room for who publishes."""

JAR: Final = Path("/usr/share/java/postgresql.jar")
"""PostgreSQL's JDBC driver, where Debian puts it."""

Rows = list[tuple[Any, ...]]


@contextmanager
def odbc(url: str) -> Iterator[Callable[[], Rows]]:
    """As Power BI and Excel connect: psqlodbc under a driver manager."""
    import pyodbc

    to = urlsplit(url)
    parts = {
        "Driver": "{PostgreSQL Unicode}",
        "Server": to.hostname,
        "Port": to.port,
        "Database": to.path.removeprefix("/"),
        "Uid": to.username,
        "Pwd": unquote(to.password or ""),
        "ReadOnly": 1,
    }
    with pyodbc.connect(
        ";".join(f"{name}={value}" for name, value in parts.items()), autocommit=True
    ) as connection:
        yield lambda: [tuple(row) for row in connection.execute(QUERY).fetchall()]


@contextmanager
def jdbc(url: str) -> Iterator[Callable[[], Rows]]:
    """As Tableau, Metabase and DBeaver connect: PostgreSQL's JDBC driver in a Java machine."""
    import jpype

    jpype.startJVM(classpath=[str(JAR)])
    to = urlsplit(url)
    connection = jpype.JClass("java.sql.DriverManager").getConnection(
        f"jdbc:postgresql://{to.hostname}:{to.port}{to.path}", to.username, unquote(to.password or "")
    )
    connection.setReadOnly(True)
    texts = len(COLUMNS) + 1 - len(AMOUNTS)

    def read() -> Rows:
        results = connection.createStatement().executeQuery(QUERY)
        rows = []
        while results.next():
            # Cells by their place, from 1.
            named = [str(results.getString(place)) for place in range(1, texts + 1)]
            amounts = [
                Decimal(str(results.getBigDecimal(place).toPlainString()))
                for place in range(texts + 1, texts + 1 + len(AMOUNTS))
            ]
            rows.append((*named, *amounts))
        return rows

    try:
        yield read
    finally:
        connection.close()


@contextmanager
def sqlalchemy(url: str) -> Iterator[Callable[[], Rows]]:
    """As Superset and Jupyter connect."""
    from sqlalchemy import create_engine, text

    engine = create_engine(urlsplit(url)._replace(scheme="postgresql+psycopg").geturl())

    def read() -> Rows:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(QUERY))]

    yield read
    engine.dispose()


@contextmanager
def duckdb(path: str) -> Iterator[Callable[[], Rows]]:
    """As a tool with a DuckDB driver opens the file: read-only, and anew for each look."""
    import duckdb

    def read() -> Rows:
        with duckdb.connect(path, read_only=True) as connection:
            return connection.execute(QUERY).fetchall()

    yield read


@contextmanager
def parquet(folder: str) -> Iterator[Callable[[], Rows]]:
    """As a tool that reads plain files: one mart, one file; no run can be told beside it."""
    from pyarrow.parquet import read_table

    def read() -> Rows:
        table = read_table(Path(folder) / "mart_aged_balance", columns=list(COLUMNS))
        return [("", *row.values()) for row in table.to_pylist()]

    yield read


WAYS: Final = {way.__name__: way for way in (odbc, jdbc, sqlalchemy, duckdb, parquet)}


def answer(rows: Rows) -> str:
    """The run and its rows in one order, as text that is equal when they are."""
    run_ids = sorted({str(run_id) for run_id, *_ in rows})
    cells = sorted([*map(str, row[1:4]), *(f"{amount:.2f}" for amount in row[4:])] for row in rows)
    return json.dumps([run_ids, cells])


def main(way: str, source: str, stop: str) -> None:
    answers: Counter[str] = Counter()
    with WAYS[way](source) as read:
        while True:
            answers[answer(read())] += 1
            if Path(stop).exists():
                break
            time.sleep(PAUSE)
    sys.stdout.write(json.dumps([[*json.loads(text), count] for text, count in answers.items()]))


if __name__ == "__main__":
    main(*sys.argv[1:])
