"""Case 17. A transfer of 500 that says nothing, and two customers who owe 500 each: two equal proposals, and
nothing clears either."""

from tests.golden.books import Build, company
from tests.golden.documents import Movement, statement
from tests.golden.ledger import FEC_2025, entry, fec, sale

ACCOUNT = "FR7630006000011234567890170"
COMPANY = company(
    "case17",
    {
        FEC_2025: fec(
            sale("2025-01-10", "DURAND", "F-A1", "500.00"),
            sale("2025-01-10", "MARTIN", "F-B1", "500.00"),
            entry("BQ", "2025-01-06", "APPORT", ("512000", "5000.00"), ("101000", "-5000.00")),
        ),
        "january.xml": statement(
            ACCOUNT,
            "JAN",
            "2025-01-01",
            "2025-01-31",
            "0.00",
            Movement("2025-01-06", "5000.00", "VIR APPORT EN CAPITAL"),
            Movement("2025-01-24", "500.00", "VIREMENT RECU"),
        ),
    },
)


def test_two_proposals_with_equal_scores(as_of: dict[str, Build]) -> None:
    found = (
        as_of["2025-12-31"]
        .of("case17")
        .rows("SELECT * FROM fct_settlements WHERE company_id = $company ORDER BY debit_document_ref")
    )
    assert [(row["debit_document_ref"], row["status"], row["amount"]) for row in found] == [
        ("F-A1", "proposed", "500.00"),
        ("F-B1", "proposed", "500.00"),
    ]
    assert found[0]["match_score"] == found[1]["match_score"]


def test_neither_customer_is_cleared(as_of: dict[str, Build]) -> None:
    items = as_of["2025-12-31"].of("case17").open_items()
    assert [row["projected_open_amount"] for row in items] == ["500.00", "500.00"]


def test_one_exception_names_both(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case17")
    (exception,) = books.exceptions()
    assert (exception["reason_code"], exception["side"], exception["amount"]) == (
        "ambiguous",
        "bank",
        "500.00",
    )
    assert all(item["item_id"] in exception["suggestion"] for item in books.open_items())
