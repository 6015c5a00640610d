"""What the three files about chasing a receivable share: disputes, promises to pay, dunning events.

Here: which columns tell them from other files, and what a row must name. Not here: any file of its own.
"""

from typing import Any, Final

from ingestion.reading import UnreadableError

TELLING_COLUMNS: Final = frozenset(
    {"opened_on", "closed_on", "promised_on", "promised_date", "sent_on", "channel", "outcome"}
)
"""Columns that only these files have: a file with one of them lists neither third parties nor invoices."""


def need_subject(row: dict[str, Any]) -> None:
    """Raises ``UnreadableError`` for a row that names neither a document nor a third party."""
    if row["document_number"] is None and row["third_party_code"] is None:
        raise UnreadableError(
            "the row names neither a document nor a third party",
            "Fill in document_number or third_party_code.",
        )
