"""Every query on the pages of the BI tools answers, from PostgreSQL as from the file, with the same rows."""

import re
from decimal import Decimal
from pathlib import Path

import duckdb
import psycopg

from tests.integration.bi.conftest import Published

PAGES = sorted((Path(__file__).resolve().parents[3] / "docs" / "bi").glob("*.md"))
TOOLS = {"powerbi", "tableau", "excel", "metabase", "superset", "grafana"}


def queries(page: Path) -> list[str]:
    return re.findall(r"^```sql\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)


def test_each_tool_has_its_page_with_three_questions() -> None:
    assert {page.stem: len(queries(page)) for page in PAGES} == dict.fromkeys(TOOLS, 3)


def test_the_questions_are_answered_alike_by_server_and_file(published: Published) -> None:
    silent, different = [], []
    with (
        duckdb.connect(published.home.published_database.resolve(), read_only=True) as file,
        psycopg.connect(published.reader_url) as server,
    ):
        file.execute("SET TimeZone = 'UTC'")
        server.execute("SET TimeZone = 'UTC'")
        for page in PAGES:
            for query in queries(page):
                in_file = [_plain(row) for row in file.execute(query).fetchall()]
                on_server = [_plain(row) for row in server.execute(query).fetchall()]
                where = f"{page.stem}: {query[:60]}"
                if not in_file:
                    silent.append(where)
                if sorted(in_file) != sorted(on_server):
                    different.append(where)
    assert different == []
    assert silent == []


def _plain(row: tuple[object, ...]) -> tuple[str, ...]:
    """Cells as text; numbers to six places, since quotients come in different lengths."""
    return tuple(
        f"{cell:.6f}" if isinstance(cell, Decimal | float | int) and not isinstance(cell, bool) else str(cell)
        for cell in row
    )
