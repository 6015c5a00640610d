"""Case 19. A receivable that becomes doubtful moves from 411 to 416 with its document and its age; nothing
was paid."""

from tests.golden.books import Build, company
from tests.golden.ledger import entry, fec, sale

COMPANY = company(
    "case19",
    {
        "case19FEC20241231.txt": fec(
            # Due on 31 March, 30 days later.
            sale("2024-03-01", "C1", "F13", "1200.00", letter="A"),
            entry(
                "OD",
                "2024-12-31",
                "OD1",
                ("411000", "-1200.00", "C1", {"letter": "A"}),
                ("416000", "1200.00", "C1", {}),
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
