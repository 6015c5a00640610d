"""The lines of a FEC that its tests, as text and as XML, have in common: columns, one sale, and random values."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

TITLES = {
    "journal_code": "JournalCode",
    "journal_name": "JournalLib",
    "entry_number": "EcritureNum",
    "entry_date": "EcritureDate",
    "account_code": "CompteNum",
    "account_name": "CompteLib",
    "auxiliary_code": "CompAuxNum",
    "auxiliary_name": "CompAuxLib",
    "document_ref": "PieceRef",
    "document_date": "PieceDate",
    "label": "EcritureLib",
    "debit": "Debit",
    "credit": "Credit",
    "letter_code": "EcritureLet",
    "letter_date": "DateLet",
    "validation_date": "ValidDate",
    "amount_currency": "Montantdevise",
    "currency_code": "Idevise",
    "due_date": "DateEcheance",
}
"""Landed column → its title in a FEC: the law's eighteen in their order, and the due date that some packages add."""

COLUMNS = [title for title in TITLES.values() if title != "DateEcheance"]

LANDED_SALE = {
    "journal_code": "VE",
    "journal_name": "Ventes",
    "entry_number": "VE1",
    "entry_date": date(2025, 1, 10),
    "account_code": "41100000",
    "account_name": "Clients",
    "auxiliary_code": "MARTIN",
    "auxiliary_name": "Société Martin & Fils",
    "document_ref": "F1",
    "document_date": date(2025, 1, 10),
    "label": "Facture n°1 à échéance",
    "debit": Decimal("1200.50"),
    "credit": Decimal("0.00"),
    "letter_code": "A",
    "letter_date": date(2025, 2, 5),
    "validation_date": date(2025, 1, 31),
    "amount_currency": Decimal("-10.00"),
    "currency_code": "USD",
    "due_date": None,
}
"""What a sale lands as, whichever way it was written."""


def texts(letters: str = "") -> st.SearchStrategy[str | None]:
    """Short texts as a cell may hold them, in Latin and symbols and ``letters``; None where nothing is left."""
    return st.text(f"abcXYZ019 éàçœ€'’&/()*-_.,%+=@#°{letters}", max_size=12).map(
        lambda text: " ".join(text.split()) or None
    )


CODES = st.text("ABC0129", min_size=1, max_size=8)
DAYS = st.dates(date(1950, 1, 1), date(2100, 12, 31))
MONEY = st.decimals(-(10**12), 10**12, places=2)

property_of_ledgers = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
"""How often a property of the readers is tried: each example is an intake of its own."""


def never_a_fault(make_desk: Callable[[], Any], content: bytes | str) -> None:
    """Whatever the file, each of its rows lands or is set aside, or the file is refused with reason and remedy."""
    desk = make_desk()
    desk.drop("acme/ledger", content)
    (record,) = desk.take().new_files
    assert "fault of Encours" not in (record.remedy or ""), record.reason
    assert record.rows_read == record.rows_landed + record.rows_quarantined
    assert len(desk.rows("ledger_lines")) == record.rows_landed
    assert len(desk.rows("quarantined_rows")) == record.rows_quarantined
    assert record.status == "landed" or (record.reason and record.remedy)
