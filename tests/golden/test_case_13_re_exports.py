"""Case 13. A new export of a year replaces the old one whole, so that an entry deleted in the books is gone
from the figures. But an export that has lost two lines in five is held: the old one stays in force, the run
publishes, and one exception says what was lost and how to let it in. Let in, it replaces."""

from orchestration.run import Outcome
from tests.golden.books import Build, Company
from tests.golden.ledger import FEC_2025, Entry, entry, fec, sale


def _cash_sales(count: int) -> list[Entry]:
    """Entries of two lines each, without a customer, through the whole of January."""
    return [
        entry("OD", f"2025-01-{number % 31 + 1:02}", f"N{number}", ("530000", "10.00"), ("758000", "-10.00"))
        for number in range(count)
    ]


KEPT = sale("2025-01-10", "C1", "F1", "120.00")
LOST = sale("2025-01-12", "C1", "F2", "200.00")
# 2 x 497 + 3 + 3 = 1,000 lines, then 3 + 3 fewer entries' worth: 2 x 297 + 3 + 3 = 600.
SHRINKS = Company(
    "case13",
    {
        "2025-01-31": {f"full/{FEC_2025}": fec(KEPT, LOST, *_cash_sales(497))},
        "2025-03-10": {
            f"short/{FEC_2025}": fec(KEPT, sale("2025-01-14", "C1", "F3", "80.00"), *_cash_sales(297))
        },
    },
    accepts={"2025-04-30": f"short/{FEC_2025}"},
)
PROVISIONAL = entry("OD", "2025-01-31", "PROV", ("411000", "500.00", "C1", {}), ("418100", "-500.00"))
DROPS_AN_ENTRY = Company(
    "case13-provisional",
    {
        "2025-01-31": {f"january/{FEC_2025}": fec(*_cash_sales(150), PROVISIONAL)},
        "2025-03-10": {f"march/{FEC_2025}": fec(*_cash_sales(150))},
    },
)


def _statuses(build: Build, company_id: str) -> dict[str, str]:
    """Folder of each export → its status."""
    files = build.of(company_id).rows(
        "SELECT source_file, status FROM fct_source_files WHERE company_id = $company ORDER BY source_file"
    )
    return {row["source_file"].split("/")[1]: row["status"] for row in files}


def test_the_first_export_has_a_thousand_lines(known_at: dict[str, Build]) -> None:
    (count,) = (
        known_at["2025-01-31"]
        .of("case13")
        .rows("SELECT count(*) AS lines FROM fct_ledger_lines WHERE company_id = $company")
    )
    assert count["lines"] == 1000


def test_an_export_that_shrinks_is_held_and_the_old_one_stays_in_force(known_at: dict[str, Build]) -> None:
    held = known_at["2025-03-10"]
    assert held.refreshed.outcome is Outcome.PUBLISHED
    assert _statuses(held, "case13") == {"full": "landed", "short": "held"}
    assert held.of("case13").open_amounts() == {"F1": "120.00", "F2": "200.00"}


def test_one_exception_says_what_was_lost_and_how_to_accept_it(known_at: dict[str, Build]) -> None:
    books = known_at["2025-03-10"].of("case13")
    (exception,) = books.exceptions()
    assert exception["reason_code"] == "export_shrinks"
    for language in ("explanation_fr", "explanation_en"):
        assert "1000 → 600" in exception[language].replace("\u202f", "").replace(",", "").replace(
            "1 000", "1000"
        )
        assert f"encours accept case13/short/{FEC_2025}" in exception[language]


def test_accepted_it_replaces(known_at: dict[str, Build]) -> None:
    accepted = known_at["2025-04-30"]
    assert _statuses(accepted, "case13") == {"full": "superseded", "short": "landed"}
    assert accepted.of("case13").open_amounts() == {"F1": "120.00", "F3": "80.00"}
    assert accepted.of("case13").exceptions() == []


def test_an_entry_that_the_new_export_no_longer_has_is_gone(known_at: dict[str, Build]) -> None:
    assert known_at["2025-01-31"].of("case13-provisional").open_amounts() == {"PROV": "500.00"}
    after = known_at["2025-03-10"]
    assert _statuses(after, "case13-provisional") == {"january": "superseded", "march": "landed"}
    assert after.of("case13-provisional").open_items() == []
    assert after.of("case13-provisional").items() == []


def test_what_was_known_of_the_deleted_entry_is_kept(known_at: dict[str, Build]) -> None:
    books = known_at["2025-04-30"].of("case13-provisional")
    assert books.buckets_at("2025-01-31", known_at="2025-01-31") == {"not_due_1": "500.00"}
    assert books.buckets_at("2025-01-31", known_at="2025-03-10") == {}
