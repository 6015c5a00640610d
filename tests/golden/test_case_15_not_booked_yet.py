"""Case 15. A receipt that the books do not hold yet pays an open invoice: the books still show it open, the
projection does not, and an exception says what to book."""

from tests.golden.books import Build, company
from tests.golden.documents import Movement, statement
from tests.golden.ledger import FEC_2025, entry, fec, sale

ACCOUNT = "FR7630006000011234567890150"
COMPANY = company(
    "case15",
    {
        FEC_2025: fec(
            sale("2025-01-10", "MARTIN", "F12", "840.00"),
            entry("BQ", "2025-01-06", "APPORT", ("512000", "5000.00"), ("101000", "-5000.00")),
        ),
        "january.xml": statement(
            ACCOUNT,
            "JAN",
            "2025-01-01",
            "2025-01-31",
            "0.00",
            Movement("2025-01-06", "5000.00", "VIR APPORT EN CAPITAL"),
            Movement("2025-01-24", "840.00", "VIR MARTIN F12"),
        ),
    },
)


def test_the_books_show_it_open_and_the_projection_does_not(as_of: dict[str, Build]) -> None:
    (item,) = as_of["2025-12-31"].of("case15").open_items()
    assert (item["document_ref"], item["open_amount"], item["projected_open_amount"]) == (
        "F12",
        "840.00",
        "0.00",
    )


def test_one_settlement_from_the_bank_line(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case15")
    (line,) = books.rows(
        "SELECT bank_transaction_id FROM fct_bank_transactions WHERE remittance_text LIKE '%F12%'"
        " AND bank_account_id LIKE 'case15/%'"
    )
    (settlement,) = books.rows("SELECT * FROM fct_settlements WHERE company_id = $company")
    assert (settlement["source"], settlement["status"]) == ("solver", "matched")
    assert settlement["bank_transaction_id"] == line["bank_transaction_id"]
    assert (settlement["debit_document_ref"], settlement["amount"]) == ("F12", "840.00")
    assert settlement["credit_item_id"] is None
    assert settlement["effective_date"] == "2025-01-24"
    assert settlement["days_to_pay"] == 14


def test_one_exception_says_that_the_receipt_is_not_booked(as_of: dict[str, Build]) -> None:
    (exception,) = as_of["2025-12-31"].of("case15").exceptions()
    assert (exception["reason_code"], exception["side"]) == ("receipt_not_booked", "bank")
    assert exception["amount"] == "840.00"
    for language in ("explanation_fr", "explanation_en"):
        assert "F12" in exception[language]
