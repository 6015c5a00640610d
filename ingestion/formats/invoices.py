"""``invoices.csv``: documents, or their instalments, with due dates and references that the ledger lacks."""

from typing import Any, Final

from ingestion.formats.follow_up import TELLING_COLUMNS
from ingestion.formats.own_csv import OwnCsv, one_of
from ingestion.formats.third_parties import settle_kind
from ingestion.reading import UnreadableError

DOCUMENT_TYPES: Final = {
    "invoice": "invoice",
    "facture": "invoice",
    "credit_note": "credit_note",
    "creditnote": "credit_note",
    "avoir": "credit_note",
}


def _settle(row: dict[str, Any]) -> None:
    """Raises ``UnreadableError`` for a row with neither date nor amount, which says nothing of its document."""
    settle_kind(row)
    one_of(row, "document_type", DOCUMENT_TYPES, "invoice")
    if all(row[name] is None for name in ("issue_date", "due_date", "total_amount")):
        raise UnreadableError(
            "the row has neither a date nor an amount", "Fill in issue_date, due_date or total_amount."
        )


READER: Final = OwnCsv(
    kind="invoices",
    telling=frozenset({"document_number"}),
    foreign=TELLING_COLUMNS,
    required=("document_number",),
    settle=_settle,
    date_column="issue_date",
)
