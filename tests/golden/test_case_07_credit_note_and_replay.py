"""Case 7. A credit note and a payment settle one invoice, each from its own day on. And the replay: a payment
settles what was posted by then, though a later invoice of the same letter falls due first."""

from tests.golden.books import Build, company
from tests.golden.ledger import FEC_2025, credit_note, fec, receipt, sale

CREDIT_NOTE = company(
    "case07",
    {
        FEC_2025: fec(
            sale("2025-01-10", "C1", "F9", "1000.00", letter="DD"),
            credit_note("2025-01-20", "C1", "A9", "200.00", letter="DD"),
            receipt("2025-02-15", "C1", "P9", "800.00", letter="DD"),
        )
    },
)
REPLAY = company(
    "case07-replay",
    {
        FEC_2025: fec(
            sale("2025-01-10", "C1", "F1", "1000.00", letter="a", due="2025-04-30"),
            receipt("2025-01-31", "C1", "P1", "1000.00", letter="a"),
            sale("2025-02-10", "C1", "F2", "1000.00", letter="a", due="2025-03-01"),
        )
    },
)


def test_credit_note_and_payment_each_settle_from_their_own_day(as_of: dict[str, Build]) -> None:
    assert as_of["2025-12-31"].of("case07").settlements() == [
        ("F9", "A9", "200.00", "2025-01-20", "credit_note"),
        ("F9", "P9", "800.00", "2025-02-15", "payment"),
    ]


def test_between_the_two_the_rest_is_open(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case07")
    assert books.open_at("2025-01-31") == {"F9": "800.00"}
    assert books.open_at("2025-02-28") == {}


def test_the_credit_note_is_one(as_of: dict[str, Build]) -> None:
    types = {row["document_ref"]: row["item_type"] for row in as_of["2025-12-31"].of("case07").items()}
    assert types == {"F9": "invoice", "A9": "credit_note", "P9": "payment"}


def test_a_payment_settles_what_was_posted_by_then(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case07-replay")
    assert books.settlements() == [("F1", "P1", "1000.00", "2025-01-31", "payment")]
    assert books.open_at("2025-01-31") == {}


def test_what_is_posted_later_stays_open(as_of: dict[str, Build]) -> None:
    books = as_of["2025-12-31"].of("case07-replay")
    assert books.open_at("2025-02-28") == {"F2": "1000.00"}
    (item,) = books.open_items()
    assert (item["open_amount"], item["due_date"], item["due_date_source"]) == (
        "1000.00",
        "2025-03-01",
        "ledger",
    )
