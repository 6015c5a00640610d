"""Case 20. A customer accepts a bill: what he owes moves from 411 to 413 and is due when the bill is. Paid at
maturity or discounted at the bank before, nothing is open."""

import pytest

from tests.golden.books import Build, Company, company
from tests.golden.ledger import FEC_2025, Entry, entry, fec, sale


def _with_bill(company_id: str, end: Entry) -> Company:
    return company(
        company_id,
        {
            FEC_2025: fec(
                sale("2025-01-15", "C1", "F14", "1000.00", letter="A"),
                entry(
                    "OD",
                    "2025-02-10",
                    "LCR1",
                    ("411000", "-1000.00", "C1", {"letter": "A"}),
                    ("413000", "1000.00", "C1", {"due": "2025-03-31", "letter": "B"}),
                ),
                end,
            )
        },
    )


PAID = _with_bill(
    "case20",
    entry("BQ", "2025-03-31", "LCR1", ("413000", "-1000.00", "C1", {"letter": "B"}), ("512000", "1000.00")),
)
DISCOUNTED = _with_bill(
    "case20-discounted",
    entry("BQ", "2025-03-03", "BOR1", ("413000", "-1000.00", "C1", {"letter": "B"}), ("511400", "1000.00")),
)
both = pytest.mark.parametrize("company_id", ["case20", "case20-discounted"])


@both
def test_the_bill_is_open_on_its_account_until_it_is_due(as_of: dict[str, Build], company_id: str) -> None:
    (item,) = as_of["2025-12-31"].of(company_id).items_at("2025-02-28")
    assert (item["account_code"], item["open_amount"]) == ("413000", "1000.00")
    assert (item["days_past_due"], item["ageing_bucket_code"]) == (-31, "not_due_2")


@both
def test_the_bill_has_the_invoice_s_document_and_its_own_due_date(
    as_of: dict[str, Build], company_id: str
) -> None:
    (bill,) = [
        row
        for row in as_of["2025-12-31"].of(company_id).items()
        if row["account_code"] == "413000" and row["original_amount"] == "1000.00"
    ]
    assert (bill["document_ref"], bill["document_date"]) == ("F14", "2025-01-15")
    assert (bill["due_date"], bill["due_date_source"]) == ("2025-03-31", "ledger")


@both
def test_paid_or_discounted_nothing_is_open(as_of: dict[str, Build], company_id: str) -> None:
    books = as_of["2025-12-31"].of(company_id)
    assert books.open_at("2025-03-31") == {}
    assert books.open_amounts() == {}


@pytest.mark.parametrize(
    ("company_id", "end_date", "end_document"),
    [("case20", "2025-03-31", "LCR1"), ("case20-discounted", "2025-03-03", "BOR1")],
)
def test_the_invoice_was_transferred_and_the_bill_paid(
    as_of: dict[str, Build], company_id: str, end_date: str, end_document: str
) -> None:
    settlements = (
        as_of["2025-12-31"]
        .of(company_id)
        .rows(
            """
        SELECT debit_document_ref, credit_document_ref, amount, effective_date, settlement_kind
        FROM fct_settlements WHERE company_id = $company ORDER BY effective_date
        """
        )
    )
    moved, paid = (tuple(row.values()) for row in settlements)
    assert (moved[0], *moved[2:]) == ("F14", "1000.00", "2025-02-10", "transfer")
    assert paid == ("F14", end_document, "1000.00", end_date, "payment")
