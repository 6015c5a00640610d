"""Case 26. The books open 2,000 below the bank, for a cheque of the year before: the reconciliation statement
closes at nothing with that difference as its one item, until the cheque is found."""

from datetime import date
from decimal import Decimal

from tests.golden.books import Build, company
from tests.golden.documents import Movement, statement
from tests.golden.ledger import FEC_2025, fec, opening, sale

ACCOUNT = "FR7630006000011234567890260"
COMPANY = company(
    "case26",
    {
        FEC_2025: fec(
            opening("2025-01-01", "AN1", ("512000", "10000.00")),
            sale("2025-02-15", "C1", "F1", "120.00"),
        ),
        "january.xml": statement(
            ACCOUNT,
            "JAN",
            "2025-01-01",
            "2025-01-31",
            "12000.00",
            Movement("2025-01-05", "-2000.00", "CHEQUE 0004711"),
        ),
    },
)


def _balances(build: Build, day: str) -> tuple[Decimal, Decimal, Decimal]:
    """What the statement of a day says: the ledger's balance, the bank's, and what is left unexplained."""
    (found,) = build.of("case26").rows(
        """
        SELECT ledger_balance, bank_balance, difference FROM fct_bank_reconciliation_statements
        WHERE company_id = $company AND as_of_date = $p1
        """,
        date.fromisoformat(day),
    )
    ledger, bank, difference = (Decimal(amount) for amount in found.values())
    return ledger, bank, difference


def _items(build: Build, day: str) -> list[tuple[str, Decimal]]:
    found = build.of("case26").rows(
        """
        SELECT category, amount FROM fct_bank_reconciliation_statement_items
        WHERE company_id = $company AND as_of_date = $p1
        """,
        date.fromisoformat(day),
    )
    return [(row["category"], Decimal(row["amount"])) for row in found]


def test_the_year_before_closes_with_one_item(as_of: dict[str, Build]) -> None:
    build = as_of["2025-12-31"]
    assert _balances(build, "2024-12-31") == (10_000, 12_000, 0)
    assert _items(build, "2024-12-31") == [("opening_unreconciled", 2_000)]


def test_it_leaves_when_the_cheque_is_found(as_of: dict[str, Build]) -> None:
    build = as_of["2025-12-31"]
    assert _balances(build, "2025-01-31") == (10_000, 10_000, 0)
    assert _items(build, "2025-01-31") == []


def test_the_cheque_is_matched_with_the_opening_difference(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case26")
    (match,) = books.rows("SELECT * FROM fct_bank_matches WHERE company_id = $company")
    assert (match["match_status"], match["match_rule"], match["bank_amount"]) == (
        "matched",
        "opening",
        "-2000.00",
    )
    assert [row for row in books.exceptions() if row["side"] == "bank"] == []
