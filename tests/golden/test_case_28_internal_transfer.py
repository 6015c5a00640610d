"""Case 28. Money that moves between two accounts of the company arrives a day later: two matches, and nothing
to look at."""

from tests.golden.books import Build, company
from tests.golden.documents import Movement, statement
from tests.golden.ledger import FEC_2025, entry, fec

IN_BANK = {"account_name": "Banque 12345678902"}
IN_SAVINGS = {"account_name": "Livret 12345678903"}
CURRENT = "FR7630006000011234567890280"
SAVINGS = "FR7630006000011234567890377"
COMPANY = company(
    "case28",
    {
        FEC_2025: fec(
            entry(
                "BQ",
                "2025-01-06",
                "APPORT",
                ("512000", "50000.00", "", IN_BANK),
                ("101000", "-50000.00"),
            ),
            entry("BQ", "2025-01-20", "VI1", ("580000", "10000.00"), ("512000", "-10000.00", "", IN_BANK)),
            entry(
                "BQ",
                "2025-01-21",
                "VI1",
                ("512100", "10000.00", "", IN_SAVINGS),
                ("580000", "-10000.00"),
            ),
        ),
        "current.xml": statement(
            CURRENT,
            "JAN-A",
            "2025-01-01",
            "2025-01-31",
            "0.00",
            Movement("2025-01-06", "50000.00", "VIR APPORT EN CAPITAL"),
            Movement("2025-01-20", "-10000.00", "VIR VERS LIVRET"),
        ),
        "savings.xml": statement(
            SAVINGS,
            "JAN-B",
            "2025-01-01",
            "2025-01-31",
            "0.00",
            Movement("2025-01-21", "10000.00", "VIR DE COMPTE COURANT"),
        ),
    },
)


def test_each_leg_is_matched_on_its_own_account(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case28")
    found = books.rows(
        """
        SELECT accounts.ledger_account, matches.bank_amount, matches.ledger_amount, matches.match_status
        FROM fct_bank_matches matches JOIN dim_bank_accounts accounts USING (bank_account_id)
        WHERE matches.company_id = $company ORDER BY accounts.ledger_account, matches.bank_amount
        """
    )
    assert [tuple(row.values()) for row in found] == [
        ("512000", "-10000.00", "-10000.00", "matched"),
        ("512000", "50000.00", "50000.00", "matched"),
        ("512100", "10000.00", "10000.00", "matched"),
    ]


def test_no_receipt_and_no_exception(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case28")
    assert books.rows("SELECT * FROM fct_settlements WHERE company_id = $company") == []
    assert books.exceptions() == []
