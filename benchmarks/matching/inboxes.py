"""Writes the exports of one company that a labelled set is made into: its ledger and its settings."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

FEC_COLUMNS: Final = (
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib",
    "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet", "ValidDate", "Montantdevise",
    "Idevise",
)  # fmt: skip


@dataclass(frozen=True)
class Document:
    """An invoice to a customer; what is owed is positive, a credit note negative. ``cents`` include taxes."""

    reference: str
    customer_code: str
    customer_name: str
    day: date
    cents: int
    label: str


def write_sales_ledger(path: Path, documents: Iterable[Document]) -> None:
    """Write a FEC in which each document is one entry: the customer against sales."""
    rows = ["\t".join(FEC_COLUMNS)]
    for number, document in enumerate(documents, start=1):
        day = f"{document.day:%Y%m%d}"
        party = (document.customer_code, document.customer_name)
        for account, name, auxiliary, cents in (
            ("411000", "Clients", party, document.cents),
            ("707000", "Ventes", ("", ""), -document.cents),
        ):
            debit, credit = (cents, 0) if cents > 0 else (0, -cents)
            rows.append(
                "\t".join(
                    (
                        *(
                            "VE",
                            "Ventes",
                            str(number),
                            day,
                            account,
                            name,
                            *auxiliary,
                            document.reference,
                            day,
                        ),
                        *(document.label, as_french(debit), as_french(credit), "", "", day, "", ""),
                    )
                )
            )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def as_french(cents: int) -> str:
    """Cents as 1234,56."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100},{abs(cents) % 100:02}"
