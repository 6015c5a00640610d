"""Case 1. An invoice and a payment of less than half of it carry one letter: the letter settles what was
paid, and from the day of the payment on; the rest of the invoice stays open."""

from tests.golden.books import Build, company
from tests.golden.ledger import FEC_2025, fec, receipt, sale

COMPANY = company(
    "case01",
    {
        FEC_2025: fec(
            sale("2025-01-10", "C1", "F1", "1200.00", letter="a"),
            receipt("2025-02-05", "C1", "P1", "500.00", letter="a"),
        )
    },
)


def test_before_the_payment_the_invoice_is_whole(as_of: dict[str, Build]) -> None:
    assert as_of["2025-12-31"].of("case01").open_at("2025-01-31") == {"F1": "1200.00"}


def test_the_payment_is_used_up_and_the_rest_stays_open(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case01")
    assert books.open_at("2025-02-28") == {"F1": "700.00"}
    assert books.open_amounts() == {"F1": "700.00"}


def test_one_settlement_on_the_day_of_the_payment(as_of: dict[str, Build]) -> None:
    assert as_of["2025-12-31"].of("case01").settlements() == [("F1", "P1", "500.00", "2025-02-05", "payment")]
