"""The most ordinary thing: a newer export, or a corrected file, saved over the old one, and a broken one taken away."""

from orchestration.run import Outcome
from tests.golden.books import Build, Company
from tests.golden.documents import table
from tests.golden.ledger import FEC_2025, UNREADABLE_ROW, fec, sale

F1, F2 = sale("2025-01-10", "C1", "F1", "100.00"), sale("2025-02-05", "C1", "F2", "50.00")
SAVED_OVER = Company(
    "saved-over",
    {
        "2025-01-31": {
            FEC_2025: fec(F1) + UNREADABLE_ROW,
            "third_parties.csv": table("third_party_code,name,payment_terms", "C1,Un,30"),
            "invoices.csv": table("third_party_code,document_number,due_date", "C1,F1,2025-02-28"),
            "broken.xml": b"<Document {company}",
        },
        "2025-03-10": {
            FEC_2025: fec(F1, F2),
            "third_parties.csv": table("third_party_code,name,payment_terms", "C1,Un SARL,60"),
            "invoices.csv": table("third_party_code,document_number,due_date", "C1,F1,2025-03-15"),
            "broken.xml": None,
        },
    },
)
DUE_DATES = """
SELECT open_amount, due_date FROM fct_open_items WHERE company_id = $company ORDER BY open_amount
"""
REASONS = (
    "SELECT reason_code FROM fct_reconciliation_exceptions "
    "WHERE company_id = $company OR object_id LIKE '%saved-over%' ORDER BY reason_code"
)


def test_what_was_there_first(known_at: dict[str, Build]) -> None:
    assert known_at["2025-01-31"].refreshed.outcome is Outcome.PUBLISHED
    books = known_at["2025-01-31"].of("saved-over")
    assert [row["reason_code"] for row in books.rows(REASONS)] == ["file_refused", "rows_quarantined"]
    assert books.rows(DUE_DATES) == [{"open_amount": "100.00", "due_date": "2025-02-28"}]


def test_every_kind_of_file_may_be_saved_over_the_old_one(known_at: dict[str, Build]) -> None:
    assert known_at["2025-03-10"].refreshed.outcome is Outcome.PUBLISHED
    books = known_at["2025-03-10"].of("saved-over")
    assert books.rows(DUE_DATES) == [
        {"open_amount": "50.00", "due_date": "2025-04-06"},
        {"open_amount": "100.00", "due_date": "2025-03-15"},
    ]
    assert books.rows("SELECT name FROM dim_third_parties WHERE company_id = $company") == [
        {"name": "Un SARL"}
    ]
    assert books.rows(REASONS) == []
    assert books.rows(
        "SELECT status FROM fct_source_files WHERE company_id = $company AND kind = 'ledger' ORDER BY first_seen_at"
    ) == [{"status": "superseded"}, {"status": "landed"}]
