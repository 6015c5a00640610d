"""Rows of different texts have different ids, whatever the texts hold."""

from hashlib import md5
from pathlib import Path

import duckdb
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

ENGINE = Path(__file__).resolve().parents[2] / "dbt_project" / "macros" / "engine.sql"
MACROS = Environment(autoescape=False).from_string(ENGINE.read_text(encoding="utf-8")).module

TEXTS = st.one_of(st.none(), st.text("!|pna", max_size=4))


def _ids(*rows: tuple[str | None, ...]) -> list[str]:
    columns = [f"column{number}" for number in range(len(rows[0]))]
    places = ", ".join(f"({', '.join('?' for _ in columns)})" for _ in rows)
    sql = f"SELECT {MACROS.stable_id(columns)} FROM (VALUES {places}) AS given({', '.join(columns)})"  # type: ignore[attr-defined]
    with duckdb.connect() as connection:
        return [
            found for (found,) in connection.execute(sql, [value for row in rows for value in row]).fetchall()
        ]


def test_the_id_is_the_md5_of_the_texts_with_what_separates_them_written_otherwise() -> None:
    (found,) = _ids(("a!b", "c|d", None, "plain"))

    assert found == md5(b"a!!b|c!pd|!n|plain", usedforsecurity=False).hexdigest()


@given(st.tuples(TEXTS, TEXTS), st.tuples(TEXTS, TEXTS))
def test_two_rows_have_the_same_id_only_when_their_texts_are_the_same(
    one: tuple[str | None, str | None], other: tuple[str | None, str | None]
) -> None:
    first, second = _ids(one, other)

    assert (first == second) == (one == other)
