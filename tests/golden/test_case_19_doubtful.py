"""Case 19. A receivable that becomes doubtful moves from 411 to 416 with its document and its age; nothing
was paid."""

from tests.golden.books import Build, company
from tests.golden.ledger import FEC_2024, FEC_2025, entry, fec, opening, sale

# Due on 31 March, 30 days later.
INVOICE = sale("2024-03-01", "C1", "F13", "1200.00", letter="A")
TRANSFER = entry(
    "OD",
    "2024-12-31",
    "OD1",
    ("411000", "-1200.00", "C1", {"letter": "A"}),
    ("416000", "1200.00", "C1", {}),
)
COMPANY = company("case19", {FEC_2024: fec(INVOICE, TRANSFER)})
NEXT_YEAR = company(
    "case19-next-year",
    {
        FEC_2024: fec(INVOICE, TRANSFER),
        FEC_2025: fec(opening("2025-01-01", "OD1", ("416000", "1200.00", "C1"))),
    },
)
MANY = company(
    "case19-many",
    {
        FEC_2024: fec(
            sale("2024-03-01", "C1", "F1", "1200.00", letter="A"),
            sale("2024-04-01", "C1", "F2", "800.00", letter="B"),
            sale("2024-05-02", "C2", "F3", "1200.00", letter="A"),
            entry(
                "OD",
                "2024-12-31",
                "OD1",
                ("411000", "-1200.00", "C2", {"letter": "A"}),
                ("411000", "-800.00", "C1", {"letter": "B"}),
                ("411000", "-1200.00", "C1", {"letter": "A"}),
                ("416000", "1200.00", "C1", {}),
                ("416000", "1200.00", "C2", {}),
                ("416000", "800.00", "C1", {}),
            ),
        )
    },
)


def test_the_doubtful_item_is_the_invoice_carried_on(as_of: dict[str, Build]) -> None:
    (item,) = as_of["2025-12-31"].of("case19").open_items()
    assert (item["account_code"], item["open_amount"], item["item_type"]) == ("416000", "1200.00", "transfer")
    assert (item["document_ref"], item["document_date"], item["due_date"]) == (
        "F13",
        "2024-03-01",
        "2024-03-31",
    )
    assert item["is_doubtful"]


def test_it_is_as_late_as_the_invoice(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case19")
    (item,) = books.items_at("2024-12-31")
    assert (item["account_code"], item["days_past_due"], item["ageing_bucket_code"]) == (
        "416000",
        275,
        "overdue_4",
    )
    (before,) = books.items_at("2024-11-30")
    assert (before["account_code"], before["open_amount"]) == ("411000", "1200.00")


def test_a_transfer_is_no_payment(as_of: dict[str, Build]) -> None:
    (settlement,) = (
        as_of["2025-12-31"].of("case19").rows("SELECT * FROM fct_settlements WHERE company_id = $company")
    )
    assert (settlement["debit_document_ref"], settlement["amount"]) == ("F13", "1200.00")
    assert (settlement["effective_date"], settlement["settlement_kind"]) == ("2024-12-31", "transfer")
    assert settlement["days_to_pay"] is None


def test_it_stays_the_invoice_in_the_years_after(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case19-next-year")
    (item,) = books.open_items()
    assert (item["account_code"], item["document_ref"], item["due_date"]) == ("416000", "F13", "2024-03-31")
    assert (item["open_amount"], item["days_past_due"], item["is_doubtful"]) == ("1200.00", 640, True)
    assert books.exceptions("opening_difference") == []


def test_each_customer_and_invoice_of_one_entry_keeps_its_own_dates(as_of: dict[str, Build]) -> None:
    items = as_of["2025-12-31"].of("case19-many").open_items()
    assert [
        (row["third_party_id"].rpartition("/")[2], row["document_ref"], row["open_amount"], row["due_date"])
        for row in items
    ] == [
        ("C1", "F1", "1200.00", "2024-03-31"),
        ("C1", "F2", "800.00", "2024-05-01"),
        ("C2", "F3", "1200.00", "2024-06-01"),
    ]
    assert {row["account_code"] for row in items} == {"416000"}
