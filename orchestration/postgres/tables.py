"""Where the rows of each mart stand: beside those of other runs, out of sight until the run is in force."""

from collections.abc import Sequence
from typing import Final, LiteralString

from psycopg.sql import SQL, Composed, Identifier, Literal

from orchestration.errors import TargetError
from orchestration.postgres.marts import Column, Mart
from orchestration.postgres.patience import patiently
from orchestration.postgres.server import Target, where

SHOWN: Final[LiteralString] = (
    "published_from <= {run} AND (published_until IS NULL OR published_until > {run})"
)
"""Which rows of an appended mart a run shows."""


def part_of(mart: str, number: int) -> str:
    """The name of the table that holds a mart as one run published it."""
    return f"{mart}__{number}"


def fit(target: Target, mart: Mart) -> None:
    """Make the mart's table, or give it the columns that it lacks.

    It never loses one: a column that the mart no longer has stays, null in what is loaded from now on.
    Raises TargetError when a column has changed its type.
    """
    found = _columns(target, mart.name)
    if not found:
        with target.connection.transaction():
            _make(target, mart)
        return
    for column in mart.columns:
        if column.name not in found:
            patiently(
                target,
                "ALTER TABLE {store}.{mart} ADD COLUMN {column}",
                mart=mart.name,
                column=_defined(column),
            )
        elif found[column.name] != column.type:
            schema, name = target.settings.schema_name, mart.name
            raise TargetError(
                f"PostgreSQL ({where(target.settings)}) did not get the marts: {schema}.{name}.{column.name} is "
                f"{found[column.name]} there and {column.type} now, and views of others may rest on it; drop view "
                f"{schema}.{name} and table {schema}_runs.{name} with what rests on them, or name another "
                "schema_name, and run encours publish."
            )


def appended(target: Target) -> list[str]:
    """The marts whose tables hold rows of several runs, also those that are no longer published."""
    found = target.rows(
        "SELECT table_name FROM information_schema.columns "
        "WHERE table_schema = %s AND column_name = 'published_until'",
        f"{target.settings.schema_name}_runs",
    )
    return [name for (name,) in found]


def withdraw(target: Target, marts: Sequence[Mart], number: int) -> None:
    """Let the run end the rows of appended marts that it no longer has; those of other marts end with their run."""
    for mart in sorted(set(appended(target)) - {mart.name for mart in marts}):
        target.execute(
            "UPDATE {store}.{mart} SET published_until = {number} WHERE published_until IS NULL",
            mart=mart,
            number=Literal(number),
        )


def _columns(target: Target, mart: str) -> dict[str, str]:
    """The columns of a mart's table with their types; none when there is no table."""
    return dict(
        target.rows(
            """
            SELECT attname, format_type(atttypid, atttypmod)
            FROM pg_attribute
            WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
            """,
            target.statement("{store}.{mart}", mart=mart).as_string(),
        )
    )


def _make(target: Target, mart: Mart) -> None:
    columns = SQL(", ").join(_defined(column) for column in mart.columns)
    if mart.is_appended:
        target.execute(
            "CREATE TABLE {store}.{mart} "
            "(published_from integer NOT NULL, published_until integer, {columns})",
            mart=mart.name,
            columns=columns,
        )
    else:
        target.execute(
            "CREATE TABLE {store}.{mart} (published_run integer NOT NULL, {columns}) PARTITION BY LIST (published_run)",
            mart=mart.name,
            columns=columns,
        )


def _defined(column: Column) -> Composed:
    collation = SQL(' COLLATE "C"') if column.is_identifier else SQL("")
    return SQL("{} {}{}").format(Identifier(column.name), SQL(column.type), collation)


def make_part(target: Target, mart: Mart, number: int) -> None:
    """Make the table that will hold the mart as the run publishes it; nobody reads it yet.

    While it is being loaded, the server's own vacuum would only be in the way.
    """
    target.execute(
        """
        CREATE TABLE {store}.{part} (
            LIKE {store}.{mart},
            CHECK (published_run = {number})
        ) WITH (autovacuum_enabled = false)
        """,
        part=part_of(mart.name, number),
        mart=mart.name,
        number=Literal(number),
    )
    target.execute(
        "ALTER TABLE {store}.{part} ALTER published_run SET DEFAULT {number}",
        part=part_of(mart.name, number),
        number=Literal(number),
    )


def index(target: Target, mart: Mart, table: str, *, has_nulls: bool) -> None:
    """Give a loaded table its key and its indexes, where it lacks them.

    A key whose columns hold nulls (a control total of no company, say) is a unique index that takes nulls for equal.
    """
    if target.value(
        "SELECT count(*) FROM pg_index WHERE indrelid = to_regclass(%s)",
        target.statement("{store}.{table}", table=table).as_string(),
    ):
        return
    if mart.key and mart.is_appended:
        _unique(target, table, (*mart.key, "published_from"))
    elif mart.key and has_nulls:
        _unique(target, table, mart.key)
    elif mart.key:
        target.execute(
            "ALTER TABLE {store}.{table} ADD PRIMARY KEY ({key})", table=table, key=_listed(mart.key)
        )
    for column in mart.indexed:
        target.execute("CREATE INDEX ON {store}.{table} ({column})", table=table, column=column)


def _unique(target: Target, table: str, key: tuple[str, ...]) -> None:
    target.execute(
        "CREATE UNIQUE INDEX ON {store}.{table} ({key}) NULLS NOT DISTINCT", table=table, key=_listed(key)
    )


def _listed(names: tuple[str, ...]) -> Composed:
    return SQL(", ").join(Identifier(name) for name in names)


def attach(target: Target, marts: tuple[Mart, ...], number: int) -> None:
    """Make the run's tables partitions of their marts', all at once. Readers go on: no view shows the run yet."""
    with target.connection.transaction():
        for mart in marts:
            if not mart.is_appended:
                part = part_of(mart.name, number)
                target.execute(
                    "ALTER TABLE {store}.{mart} ATTACH PARTITION {store}.{part} FOR VALUES IN ({number})",
                    mart=mart.name,
                    part=part,
                    number=Literal(number),
                )
                target.execute("ALTER TABLE {store}.{part} RESET (autovacuum_enabled)", part=part)


def analyze(target: Target) -> None:
    """Let the planner know the partitioned tables that hold more or less than it knows.

    Their partitions know themselves, so one run more for one less changes nothing: the whole costs as much as there
    are runs.
    """
    changed = target.rows(
        """
        SELECT mart.relname
        FROM pg_class AS mart
        JOIN pg_inherits AS links ON links.inhparent = mart.oid
        JOIN pg_class AS part ON part.oid = links.inhrelid
        WHERE mart.relnamespace = %s::regnamespace AND mart.relkind = 'p'
        GROUP BY mart.oid, mart.relname, mart.reltuples
        HAVING abs(sum(greatest(part.reltuples, 0)) - mart.reltuples) > 0.1 * mart.reltuples
        """,
        target.statement("{store}").as_string(target.connection),
    )
    for (mart,) in changed:
        target.execute("ANALYZE {store}.{mart}", mart=mart)
