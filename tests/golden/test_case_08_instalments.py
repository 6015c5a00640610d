"""Case 8. An invoice of 3,000 in three instalments is three items, each with its due date, whether the
invoice file says so or the ledger itself has three lines; never nine. A payment is consumed by due date."""

import pytest

from tests.golden.books import Build, company
from tests.golden.documents import table
from tests.golden.ledger import FEC_2025, FEC_2026, entry, fec, opening, receipt, sale

INSTALMENTS = table(
    "third_party_code,document_number,issue_date,due_date,total_amount,order_reference",
    "C1,F10,2025-01-31,2025-04-30,1000.00,{company}",
    "C1,F10,2025-01-31,2025-02-28,1000.00,{company}",
    "C1,F10,2025-01-31,2025-03-31,1000.00,{company}",
)
RECEIPT = receipt("2025-03-05", "C1", "P10", "1500.00", letter="A")

ONE_LINE = company(
    "case08",
    {
        "invoices.csv": INSTALMENTS,
        FEC_2025: fec(sale("2025-01-31", "C1", "F10", "3000.00", letter="A"), RECEIPT),
    },
)
THREE_LINES = company(
    "case08-lines",
    {
        "invoices.csv": INSTALMENTS,
        FEC_2025: fec(
            entry(
                "VE",
                "2025-01-31",
                "F10",
                *[("411000", "1000.00", "C1", {"letter": "A"})] * 3,
                ("707000", "-2500.00"),
                ("445710", "-500.00"),
            ),
            RECEIPT,
        ),
    },
)
ACROSS_YEARS = company(
    "case08-years",
    {
        "invoices.csv": INSTALMENTS,
        FEC_2025: fec(sale("2025-01-31", "C1", "F10", "3000.00")),
        FEC_2026: fec(
            opening("2026-01-01", "F10", ("411000", "3000.00", "C1"), letter="A"),
            receipt("2026-01-05", "C1", "P10", "1500.00", letter="A"),
        ),
    },
)
# The invoice file says 3,000 and the ledger 2,900: the ledger is right about the amount.
NOT_ADDING_UP = company(
    "case08-less",
    {
        "invoices.csv": INSTALMENTS,
        FEC_2025: fec(sale("2025-01-31", "C1", "F10", "2900.00")),
    },
)
# Another customer has an invoice of the same number.
ANOTHER_CUSTOMER = company(
    "case08-other",
    {
        "invoices.csv": INSTALMENTS,
        FEC_2025: fec(sale("2025-01-31", "C2", "F10", "3000.00")),
    },
)
both = pytest.mark.parametrize("company_id", ["case08", "case08-lines"])


@both
def test_three_items_that_sum_to_the_invoice(as_of: dict[str, Build], company_id: str) -> None:
    items = [row for row in as_of["2025-12-31"].of(company_id).items() if row["document_ref"] == "F10"]
    assert [(row["due_date"], row["original_amount"], row["due_date_source"]) for row in items] == [
        ("2025-02-28", "1000.00", "invoice"),
        ("2025-03-31", "1000.00", "invoice"),
        ("2025-04-30", "1000.00", "invoice"),
    ]
    assert len({row["item_id"] for row in items}) == 3


@both
def test_before_the_payment_all_three_are_open(as_of: dict[str, Build], company_id: str) -> None:
    items = as_of["2025-12-31"].of(company_id).items_at("2025-02-28")
    assert [row["open_amount"] for row in items] == ["1000.00"] * 3
    assert [row["days_past_due"] for row in items] == [0, -31, -61]
    assert [row["ageing_bucket_code"] for row in items] == ["not_due_1", "not_due_2", "not_due_3"]


@both
def test_the_payment_takes_the_first_and_half_of_the_second(as_of: dict[str, Build], company_id: str) -> None:
    books = as_of["2025-12-31"].of(company_id)
    assert [(row["due_date"], row["open_amount"], row["settled_amount"]) for row in books.open_items()] == [
        ("2025-03-31", "500.00", "500.00"),
        ("2025-04-30", "1000.00", "0.00"),
    ]
    assert books.settlements() == [
        ("F10", "P10", "1000.00", "2025-03-05", "payment"),
        ("F10", "P10", "500.00", "2025-03-05", "payment"),
    ]


@both
def test_open_items_equal_the_account(as_of: dict[str, Build], company_id: str) -> None:
    (control,) = as_of["2025-12-31"].of(company_id).control_totals("open_items_equal_control_account")
    assert (control["expected"], control["actual"]) == ("1500.00", "1500.00")


def test_instalments_are_carried_into_the_next_year(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case08-years")
    assert [(row["due_date"], row["open_amount"]) for row in books.open_items()] == [
        ("2025-02-28", "1000.00"),
        ("2025-03-31", "1000.00"),
        ("2025-04-30", "1000.00"),
    ]
    assert books.settlements() == [
        ("F10", "P10", "1000.00", "2026-01-05", "payment"),
        ("F10", "P10", "500.00", "2026-01-05", "payment"),
    ]
    assert books.exceptions("opening_difference") == []


def test_instalments_that_do_not_add_up_leave_the_invoice_whole(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case08-less")
    (item,) = books.open_items()
    assert (item["open_amount"], item["due_date"], item["due_date_source"]) == (
        "2900.00",
        "2025-02-28",
        "invoice",
    )
    (control,) = books.control_totals("instalments_equal_ledger_line")
    assert (control["expected"], control["actual"], control["passed"]) == ("2900.00", "3000.00", False)
    assert not control["is_blocking"]


def test_the_instalments_of_another_customer_are_not_taken(as_of: dict[str, Build]) -> None:
    (item,) = as_of["2025-12-31"].of("case08-other").open_items()
    assert (item["open_amount"], item["due_date"], item["due_date_source"]) == (
        "3000.00",
        "2025-03-02",
        "default",
    )
