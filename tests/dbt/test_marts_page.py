"""``docs/marts.md`` is what the project says today, and its queries answer what they ask."""

import importlib.util
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import duckdb
import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_marts", DOCS / "generate_marts.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ANSWERS = {
    "Who owes us, and since when?": [
        # Late: F1, carried to doubtful (181 days), and the instalment of 31 March (91 days); two are not due.
        ("acme", "Martin SA", 3700, 1700, 0, 0, 0, 1700, 0, 0),
        # Two of 115 days, one of 91, four of 53 to 55, three of 88 to 90; receipts that are not booked settle nothing.
        ("nord", "Delta Bois", 990, 990, 0, 150, 0, 840, 0, 0),
        ("nord", "Gamma Outillage", 600, 850, 0, 350, 0, 500, -250, 0),
        ("nord", "Alpha Industries", 700, 700, 0, 700, 0, 0, 0, 0),
        ("nord", "Epsilon Textile", 600, 600, 0, 0, 600, 0, 0, 0),
        ("nord", "Zeta Meubles", Decimal("321.45"), Decimal("321.45"), 0, 0, Decimal("321.45"), 0, 0, 0),
        ("nord", "Omega Verre", Decimal("123.45"), Decimal("123.45"), 0, 0, Decimal("123.45"), 0, 0, 0),
        # Paid and returned: 52 days late, since the invoice was due.
        ("nord", "Sigma Conseil", Decimal("77.77"), Decimal("77.77"), 0, Decimal("77.77"), 0, 0, 0, 0),
        # F9 is 162 days late; the opening restated 10 less than was left.
        ("acme", "Keller GmbH", 40, 50, 0, 0, 0, 50, -10, 0),
        ("acme", "Durand SARL", -100, 0, 0, 0, 0, 0, -100, 0),
    ],
    # What the run of 31 March wrote, although today's books say otherwise of that day.
    "What did the aged balance of 31 March look like on that day?": [
        ("Durand SARL", "unapplied", -250),
        ("Martin SA", "overdue_2", 700),
    ],
    "Which customers paid what, and how long did they take?": [
        ("Omicron SAS", date(2025, 8, 1), "F90", "P90", 60, 88),
        ("Martin SA", date(2025, 12, 10), "F1", "P1", 500, 35),
        ("Alpha Industries", date(2026, 1, 15), "F5001", "R1001", 500, 13),
        ("Durand SARL", date(2026, 1, 20), "F2", "P2", 2000, 41),
        ("Sigma Conseil", date(2026, 5, 4), "F5021", "F5021", Decimal("77.77"), 25),
    ],
    "What does not tie, in this run?": [
        # What is left of F1 is doubtful, and nothing is written down.
        ("acme", "doubtful_receivables_are_written_down", "receivable_depreciation", 700, 0),
        ("acme", "opening_restates_closing", "411000 acme/customer/KELLER 2026-01-01", 50, 40),
        ("acme", "openings_that_restate_closing", "accounts of third parties", 6, 5),
        ("acme", "statement_arithmetic", "FR7699999000010009 S9 2026-03-31", 11, 10),
        ("acme", "statement_continuity", "FR7612345000010001 EUR 2026-03-01", 2495, 2500),
    ],
}
"""Question → its answer in the small books, worked by hand."""


def test_the_page_is_current(generator: ModuleType) -> None:
    committed = (DOCS / "marts.md").read_text(encoding="utf-8")
    assert committed == generator.page(), "run: python docs/generate_marts.py"


def test_the_page_names_every_mart_and_column(
    generator: ModuleType, marts: duckdb.DuckDBPyConnection
) -> None:
    page = generator.page()
    built = marts.execute(
        "select table_name, column_name from duckdb_columns() where schema_name = 'marts'"
    ).fetchall()
    assert len(built) > 200
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", page, flags=re.MULTILINE | re.DOTALL))
    assert [row for row in built if f"| `{row[1]}` |" not in sections[row[0]]] == []


@pytest.mark.parametrize("question", ANSWERS)
def test_the_queries_answer(marts: duckdb.DuckDBPyConnection, question: str) -> None:
    page = (DOCS / "marts.md").read_text(encoding="utf-8")
    queries = dict(re.findall(r"### ([^\n]+)\n\n```sql\n(.*?)```", page, flags=re.DOTALL))
    assert set(queries) == set(ANSWERS)
    rows = marts.execute(queries[question]).fetchall()
    assert rows == ANSWERS[question]
    assert not any(isinstance(cell, float) for row in rows for cell in row)
    assert any(isinstance(cell, Decimal) for row in rows for cell in row)
