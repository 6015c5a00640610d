"""The control of a publication: what the server holds of each mart is what the home published."""

import duckdb
from psycopg.sql import SQL, Literal

from orchestration.errors import TargetError
from orchestration.postgres.marts import Mart
from orchestration.postgres.server import Target, where
from orchestration.postgres.tables import SHOWN, part_of


def published(source: duckdb.DuckDBPyConnection, mart: Mart) -> tuple[object, ...]:
    """The rows of a mart in the home's release, and the exact sum of each of its amounts."""
    row = source.execute(f"SELECT {', '.join(mart.measures.values())} FROM marts.{mart.name}").fetchone()
    assert row is not None
    return tuple(row)


def compare(target: Target, mart: Mart, number: int, expected: tuple[object, ...]) -> None:
    """Raise TargetError unless the run, as it was loaded, has the rows and the sums of the release."""
    table = mart.name if mart.is_appended else part_of(mart.name, number)
    shown = SQL(SHOWN).format(run=Literal(number)) if mart.is_appended else SQL("true")
    (loaded,) = target.rows(
        "SELECT {measures} FROM {store}.{table} WHERE {shown}",
        measures=SQL(", ".join(mart.measures.values())),
        table=table,
        shown=shown,
    )
    for measure, wanted, found in zip(mart.measures, expected, loaded, strict=True):
        if wanted != found:
            raise TargetError(
                f"PostgreSQL ({where(target.settings)}) did not get the marts: {measure} of {mart.name} is {found} "
                f"there, {wanted} as published; it keeps those that it has; please report it as a fault of Encours."
            )
