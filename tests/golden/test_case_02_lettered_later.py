"""Case 2. An invoice and its payment are there in January, and lettered only in March. What January knew (an
invoice in its age band, a payment waiting) is kept as January knew it; what March knows of January is that
nothing was open."""

from tests.golden.books import Build, Company
from tests.golden.ledger import FEC_2025, fec, receipt, sale

COMPANY = Company(
    "case02",
    {
        "2025-01-31": {
            f"january/{FEC_2025}": fec(
                sale("2025-01-05", "C1", "F2", "1000.00"),
                receipt("2025-01-25", "C1", "P2", "1000.00"),
            )
        },
        "2025-03-10": {
            f"march/{FEC_2025}": fec(
                sale("2025-01-05", "C1", "F2", "1000.00", letter="AA", letter_date="2025-03-10"),
                receipt("2025-01-25", "C1", "P2", "1000.00", letter="AA", letter_date="2025-03-10"),
            )
        },
    },
)
AS_JANUARY_KNEW = {"F2": "1000.00", "P2": "-1000.00"}
# Due on 4 February, 30 days after the document: not due yet, and never netted with the payment.
BUCKETS_AS_JANUARY_KNEW = {"not_due_1": "1000.00", "unapplied": "-1000.00"}


def test_in_january_the_payment_waits_beside_the_invoice(known_at: dict[str, Build]) -> None:
    books = known_at["2025-01-31"].of("case02")
    assert books.open_amounts() == AS_JANUARY_KNEW
    assert books.buckets_at("2025-01-31") == BUCKETS_AS_JANUARY_KNEW
    assert books.settlements() == []


def test_what_january_knew_stays_for_ever(known_at: dict[str, Build]) -> None:
    for day in ("2025-03-10", "2025-04-30"):
        books = known_at[day].of("case02")
        for asked in ("2025-01-31", "2025-03-09"):
            assert books.open_at("2025-01-31", known_at=asked) == AS_JANUARY_KNEW
            assert books.buckets_at("2025-01-31", known_at=asked) == BUCKETS_AS_JANUARY_KNEW


def test_in_march_nothing_was_open_in_january(known_at: dict[str, Build]) -> None:
    for day in ("2025-03-10", "2025-04-30"):
        books = known_at[day].of("case02")
        for asked in ("2025-03-10", None):
            assert books.open_at("2025-01-31", known_at=asked) == {}
            assert books.buckets_at("2025-01-31", known_at=asked) == {}
        assert books.open_amounts() == {}


def test_settled_on_the_accounting_date_and_not_on_that_of_the_letter(known_at: dict[str, Build]) -> None:
    settlements = known_at["2025-03-10"].of("case02").settlements()
    assert settlements == [("F2", "P2", "1000.00", "2025-01-25", "payment")]


def test_the_items_are_the_same_before_and_after_the_lettering(known_at: dict[str, Build]) -> None:
    before, after = (
        [row["item_id"] for row in known_at[day].of("case02").items()] for day in ("2025-01-31", "2025-03-10")
    )
    assert before == after


def test_the_older_export_is_superseded(known_at: dict[str, Build]) -> None:
    files = (
        known_at["2025-03-10"]
        .of("case02")
        .rows(
            "SELECT source_file, status FROM fct_source_files WHERE company_id = $company ORDER BY source_file"
        )
    )
    assert {row["source_file"]: row["status"] for row in files} == {
        f"case02/january/{FEC_2025}": "superseded",
        f"case02/march/{FEC_2025}": "landed",
    }
