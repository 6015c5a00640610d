"""What a release holds, as PostgreSQL takes it: the columns of each mart with their types, its key, what to index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import duckdb

from orchestration.errors import TargetError

APPENDED: Final = (
    "fct_ageing_snapshots",
    "fct_control_totals",
    "fct_open_items_history",
    "fct_quality_results",
    "fct_reconciliation_status",
)
"""Marts to which a run adds its own rows, with its ``run_id``, and of which it leaves out whole runs at most."""

INDEXED: Final = (
    "document_ref",
    "match_id",
    "object_id",
    "third_party_id",
)
"""Columns with an index where a mart has them: what a document, a customer and a match are found by.

Each index costs a twentieth of a publication or so. Companies, accounts, statuses and periods are wide: reading the
table is as fast; other ids are keys of their own marts, and joined by whole tables.
"""

TYPES: Final = {
    "BIGINT": "bigint",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "double precision",
    "INTEGER": "integer",
    "SMALLINT": "smallint",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "VARCHAR": "text",
}
"""DuckDB's type → PostgreSQL's, as ``format_type`` writes it. DECIMAL(p,s) is numeric(p,s)."""

NUL_SHOWN: Final = "\N{SYMBOL FOR NULL}"
"""PostgreSQL's text holds every character but NUL, which files may."""


@dataclass(frozen=True)
class Column:
    """A column: its type in PostgreSQL, and what it means."""

    name: str
    type: str
    comment: str
    is_identifier: bool
    """Whether it is compared and sorted by its bytes, which builds its indexes several times as fast."""


@dataclass(frozen=True)
class Mart:
    """A mart of a release."""

    name: str
    comment: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    """The columns that tell its rows apart; empty when the release does not say."""

    @property
    def is_appended(self) -> bool:
        """Whether a run only adds to it."""
        return self.name in APPENDED

    @property
    def indexed(self) -> tuple[str, ...]:
        """The columns with an index of their own; the first of the key has the key's."""
        names = {column.name for column in self.columns} - set(self.key[:1])
        return tuple(name for name in INDEXED if name in names)

    @property
    def measures(self) -> dict[str, str]:
        """Name of each measure → its SQL, for DuckDB and PostgreSQL: rows, and the exact sum of each amount."""
        amounts = [column.name for column in self.columns if column.type.startswith("numeric")]
        return {"rows": "count(*)"} | {f"sum of {name}": f'coalesce(sum("{name}"), 0)' for name in amounts}

    def selected(self, extra: Sequence[str] = (), condition: str = "true") -> str:
        """The query by which DuckDB gives the rows, as PostgreSQL can take them."""
        chosen = [
            f"""CASE WHEN contains("{column.name}", chr(0))
                THEN replace("{column.name}", chr(0), '{NUL_SHOWN}') ELSE "{column.name}" END AS "{column.name}\""""
            if column.type == "text"
            else f'"{column.name}"'
            for column in self.columns
        ]
        return f"SELECT {', '.join([*extra, *chosen])} FROM marts.{self.name} WHERE {condition}"


def marts_of(source: duckdb.DuckDBPyConnection, keys: Mapping[str, Sequence[str]]) -> tuple[Mart, ...]:
    """Every mart of a published database, the largest first: what is done after a load is done beside the next.

    Raises TargetError when a column has a type that PostgreSQL does not take from us.
    """
    comments = dict(
        source.execute(
            "SELECT table_name, comment FROM duckdb_tables() WHERE schema_name = 'marts'"
        ).fetchall()
    )
    columns: dict[str, list[Column]] = {name: [] for name in comments}
    found = source.execute(
        "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() WHERE schema_name = 'marts' "
        "ORDER BY table_name, column_index"
    ).fetchall()
    for mart, name, duck_type, comment in found:
        own_type = _type(mart, name, duck_type)
        is_identifier = own_type == "text" and (
            name.endswith(("_id", "_code")) or name in (*keys.get(mart, ()), *INDEXED)
        )
        columns[mart].append(Column(name, own_type, comment or "", is_identifier))
    return tuple(
        Mart(name, comments[name] or "", tuple(columns[name]), tuple(keys.get(name, ()))) for name in columns
    )


def _type(mart: str, column: str, duck_type: str) -> str:
    if duck_type.startswith("DECIMAL("):
        return f"numeric{duck_type.removeprefix('DECIMAL')}"
    if duck_type not in TYPES:
        raise TargetError(
            f"PostgreSQL did not get the marts: {mart}.{column} is of type {duck_type}, which cannot be published "
            "there; please report it as a fault of Encours."
        )
    return TYPES[duck_type]
