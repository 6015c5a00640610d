"""Rows of different texts have different ids, whatever the texts hold."""

from hashlib import md5
from itertools import product
from pathlib import Path

import duckdb
import pyarrow as pa
from jinja2 import Environment

ENGINE = Path(__file__).resolve().parents[2] / "dbt_project" / "macros" / "engine.sql"
MACROS = Environment(autoescape=False).from_string(ENGINE.read_text(encoding="utf-8")).module


def _ids(*rows: tuple[str | None, ...]) -> list[str]:
    columns = [f"column{number}" for number in range(len(rows[0]))]
    given = pa.Table.from_pylist([dict(zip(columns, row, strict=True)) for row in rows])
    with duckdb.connect() as connection:
        connection.register("given", given)
        sql = f"SELECT {MACROS.stable_id(columns)} FROM given"  # type: ignore[attr-defined]
        return [found for (found,) in connection.execute(sql).fetchall()]


def test_the_id_is_the_md5_of_the_texts_with_what_separates_them_written_otherwise() -> None:
    (found,) = _ids(("a!b", "c|d", None, "plain"))

    assert found == md5(b"a!!b|c!pd|!n|plain", usedforsecurity=False).hexdigest()


def test_no_two_rows_of_different_texts_have_the_same_id() -> None:
    texts = [None, *("".join(letters) for size in range(4) for letters in product("!|pn", repeat=size))]
    rows = list(product(texts, repeat=2))

    assert len(set(_ids(*rows))) == len(rows)
