"""Case 22. One firm is customer and supplier: what we owe it is set off against what it owes us. No money
moved, on either side."""

from tests.golden.books import Build, company
from tests.golden.ledger import FEC_2025, entry, fec, purchase, sale

COMPANY = company(
    "case22",
    {
        FEC_2025: fec(
            sale("2025-01-15", "ACME", "F22", "1000.00", letter="A"),
            purchase("2025-01-20", "ACME", "A22", "500.00", letter="B"),
            entry(
                "OD",
                "2025-02-10",
                "COMP1",
                ("401000", "500.00", "ACME", {"letter": "B"}),
                ("411000", "-500.00", "ACME", {"letter": "A"}),
            ),
        )
    },
)


def test_half_of_the_invoice_is_left(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case22")
    assert books.open_at("2025-01-31") == {"F22": "1000.00", "A22": "500.00"}
    assert books.open_amounts() == {"F22": "500.00"}


def test_both_sides_are_settled_by_offset(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case22")
    assert books.settlements() == [
        # A receivable is a debit, a payable is a credit.
        ("COMP1", "A22", "500.00", "2025-02-10", "offset"),
        ("F22", "COMP1", "500.00", "2025-02-10", "offset"),
    ]
    rows = books.rows("SELECT days_to_pay, third_party_id FROM fct_settlements WHERE company_id = $company")
    assert [row["days_to_pay"] for row in rows] == [None, None]
    assert {row["third_party_id"] for row in rows} == {"case22/customer/ACME", "case22/supplier/ACME"}
