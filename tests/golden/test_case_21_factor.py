"""Case 21. An invoice sold to a factor leaves the customer: settled by transfer to 467, and the factor's
money is the factor's affair, never the customer's."""

from tests.golden.books import Build, company
from tests.golden.ledger import FEC_2025, entry, fec, sale

COMPANY = company(
    "case21",
    {
        FEC_2025: fec(
            sale("2025-01-15", "C1", "F15", "1200.00", letter="A"),
            entry(
                "OD",
                "2025-01-20",
                "CESSION1",
                ("411000", "-1200.00", "C1", {"letter": "A"}),
                ("467000", "1200.00", "FACTOR", {}),
            ),
            entry("BQ", "2025-02-03", "VIR1", ("467000", "-1200.00", "FACTOR", {}), ("512000", "1200.00")),
        )
    },
)


def test_the_customer_owes_nothing_from_the_sale_on(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case21")
    assert books.open_at("2025-01-31") == {}
    assert books.open_amounts() == {}


def test_settled_by_transfer_and_not_by_the_factor_s_money(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case21")
    (settlement,) = books.rows("SELECT * FROM fct_settlements WHERE company_id = $company")
    assert (settlement["debit_document_ref"], settlement["amount"]) == ("F15", "1200.00")
    assert (settlement["effective_date"], settlement["settlement_kind"]) == ("2025-01-20", "transfer")
    assert settlement["days_to_pay"] is None
    assert {row["account_code"] for row in books.items()} == {"411000"}
