"""Case 6. A customer pays 1,100 for an invoice of 1,000. The 100 too much waits to be applied: it has no age,
is never overdue, and is subtracted from no age band of what the customer owes otherwise."""

from tests.golden.books import Build, company
from tests.golden.ledger import FEC_2025, fec, receipt, sale

COMPANY = company(
    "case06",
    {
        FEC_2025: fec(
            sale("2025-01-10", "C1", "F8", "1000.00", letter="c"),
            receipt("2025-02-05", "C1", "P8", "1100.00", letter="c"),
            sale("2025-01-20", "C1", "F80", "300.00"),
        )
    },
)


def test_the_invoice_is_settled_and_the_rest_of_the_payment_waits(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case06")
    assert books.settlements() == [("F8", "P8", "1000.00", "2025-02-05", "payment")]
    assert books.open_amounts() == {"F80": "300.00", "P8": "-100.00"}


def test_it_is_unapplied_at_any_date(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case06")
    for day in ("2025-02-28", "2025-03-31", "2025-06-30", "2025-11-30"):
        (item,) = [row for row in books.items_at(day) if row["document_ref"] == "P8"]
        assert (item["open_amount"], item["ageing_bucket_code"], item["days_past_due"]) == (
            "-100.00",
            "unapplied",
            None,
        )
    (item,) = [row for row in books.open_items() if row["document_ref"] == "P8"]
    assert (item["status"], item["ageing_bucket_code"], item["days_past_due"]) == (
        "unapplied",
        "unapplied",
        None,
    )


def test_no_age_band_is_lessened(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case06")
    # F80 is due on 19 February: 9, then 40 days late.
    assert books.buckets_at("2025-02-28") == {"overdue_1": "300.00", "unapplied": "-100.00"}
    assert books.buckets_at("2025-03-31") == {"overdue_2": "300.00", "unapplied": "-100.00"}
    (balance,) = books.rows(
        "SELECT total_amount, overdue_amount, overdue_4, unapplied FROM mart_aged_balance WHERE company_id = $company"
    )
    assert balance == {
        "total_amount": "200.00",
        "overdue_amount": "300.00",
        "overdue_4": "300.00",
        "unapplied": "-100.00",
    }
