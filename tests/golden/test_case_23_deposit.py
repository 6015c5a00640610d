"""Case 23. A deposit invoice is owed by the customer like any other, and the deposit is an advance that
stands apart until the final invoice takes it up."""

from tests.golden.books import Build, company
from tests.golden.ledger import FEC_2025, entry, fec

COMPANY = company(
    "case23",
    {
        FEC_2025: fec(
            entry(
                "VE",
                "2025-01-15",
                "D23",
                ("411000", "360.00", "C1", {}),
                ("419100", "-360.00", "C1", {"letter": "A"}),
            ),
            entry(
                "VE",
                "2025-03-10",
                "F23",
                ("411000", "840.00", "C1", {}),
                ("419100", "360.00", "C1", {"letter": "A"}),
                ("707000", "-1000.00"),
                ("445710", "-200.00"),
            ),
        )
    },
)


def test_the_deposit_is_owed_and_the_advance_stands_apart(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case23")
    items = {row["account_code"]: row for row in books.items_at("2025-02-28")}
    assert {account: row["open_amount"] for account, row in items.items()} == {
        "411000": "360.00",
        "419100": "-360.00",
    }
    # Due on 14 February: 14 days late.
    assert (items["411000"]["days_past_due"], items["411000"]["ageing_bucket_code"]) == (14, "overdue_1")
    assert (items["419100"]["days_past_due"], items["419100"]["ageing_bucket_code"]) == (None, "unapplied")
    assert books.buckets_at("2025-02-28") == {"overdue_1": "360.00", "unapplied": "-360.00"}


def test_the_deposit_is_an_invoice_and_the_other_side_an_advance(as_of: dict[str, Build]) -> None:
    posted = [row for row in as_of["2025-12-31"].of("case23").items() if row["entry_date"] == "2025-01-15"]
    assert {row["account_code"]: row["item_type"] for row in posted} == {
        "411000": "invoice",
        "419100": "advance",
    }


def test_the_final_invoice_takes_the_advance_up(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case23")
    assert [(row["document_ref"], row["account_code"], row["open_amount"]) for row in books.open_items()] == [
        ("D23", "411000", "360.00"),
        ("F23", "411000", "840.00"),
    ]
    assert books.settlements() == [("F23", "D23", "360.00", "2025-03-10", "advance")]
