"""Ledgers as a case tells them: entries in a line each, written as the FEC that an accounting package would
export.

An entry function returns the whole entry, counterpart included, so that every ledger balances. Amounts are
texts such as ``"1200.00"`` and dates are ISO. An entry's number comes from its journal, date and piece, so
that it stays the same when a later export adds or drops other entries.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

CUSTOMERS = "411000"
SUPPLIERS = "401000"

FEC_2024, FEC_2025, FEC_2026 = (f"123456782FEC{year}1231.txt" for year in (2024, 2025, 2026))
"""Files of whole years, named as the law does: by SIREN and closing date."""

UNREADABLE_ROW = (
    b"VE\tVentes\tbad\t20251301\t411000\tClients\tC1\t\tX\t20250101\t{company}\t1,00\t0,00\t\t\t\t\t\r\n"
)
"""A line of an export whose entry date is none; of one company alone."""

COLUMNS = (
    *("JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib"),
    *("CompAuxNum", "CompAuxLib", "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit"),
    *("EcritureLet", "DateLet", "ValidDate", "Montantdevise", "Idevise"),
)

JOURNALS = {
    "AN": "A nouveaux",
    "VE": "Ventes",
    "AC": "Achats",
    "BQ": "Banque",
    "OD": "Opérations diverses",
}


@dataclass(frozen=True)
class Line:
    """One line of a FEC. ``amount`` is debit less credit."""

    journal: str
    date: str
    account: str
    amount: Decimal
    piece: str = ""
    party: str = ""
    account_name: str = ""
    piece_date: str = ""
    label: str = ""
    letter: str = ""
    letter_date: str = ""
    due: str = ""
    number: str = ""
    currency: str = ""
    amount_currency: str = ""

    def cells(self) -> list[str]:
        """The eighteen cells of the law's format."""
        return [
            self.journal,
            JOURNALS[self.journal],
            self.number or f"{self.journal}-{_compact(self.date)}-{self.piece}",
            _compact(self.date),
            self.account,
            self.account_name or f"Compte {self.account}",
            self.party,
            self.party and f"Tiers {self.party}",
            self.piece,
            _compact(self.piece_date or self.date),
            self.label or f"Pièce {self.piece} de {{company}}",
            _comma(max(self.amount, Decimal(0))),
            _comma(max(-self.amount, Decimal(0))),
            self.letter,
            _compact(self.letter_date),
            _compact(self.date),
            self.amount_currency.replace(".", ","),
            self.currency,
        ]


Entry = tuple[Line, ...]
Leg = tuple[str, str] | tuple[str, str, str, dict[str, str]]
"""Account and amount, or account, amount, third party and fields of the line."""


def sale(date: str, party: str, piece: str, amount: str, *, account: str = CUSTOMERS, **said: str) -> Entry:
    """An invoice to a customer, VAT of 20 % included. ``said`` are fields of its customer's line."""
    return _trade("VE", date, party, piece, Decimal(amount), account, "707000", "445710", said)


def credit_note(date: str, party: str, piece: str, amount: str, **said: str) -> Entry:
    """A credit note to a customer: a sale the other way round."""
    return _trade("VE", date, party, piece, -Decimal(amount), CUSTOMERS, "707000", "445710", said)


def purchase(date: str, party: str, piece: str, amount: str, **said: str) -> Entry:
    """A supplier's invoice, VAT of 20 % included."""
    account = said.pop("account", SUPPLIERS)
    return _trade("AC", date, party, piece, -Decimal(amount), account, "607000", "445660", said)


def receipt(
    date: str, party: str, piece: str, amount: str, *, account: str = CUSTOMERS, **said: str
) -> Entry:
    """Money that a customer pays into the bank."""
    return entry("BQ", date, piece, (account, f"-{amount}", party, said), ("512000", amount))


def returned(date: str, party: str, piece: str, amount: str, **said: str) -> Entry:
    """A customer's payment that the bank takes back."""
    return entry("BQ", date, piece, (CUSTOMERS, amount, party, said), ("512000", f"-{amount}"))


def payment(date: str, party: str, piece: str, amount: str, **said: str) -> Entry:
    """Money paid to a supplier."""
    return entry("BQ", date, piece, (SUPPLIERS, amount, party, said), ("512000", f"-{amount}"))


def opening(date: str, piece: str, *legs: tuple[str, ...], **said: str) -> Entry:
    """Opening lines of a year: (account, amount) or (account, amount, party), against the capital."""
    total = sum(Decimal(leg[1]) for leg in legs)
    said_of = [(leg[0], leg[1], leg[2] if len(leg) > 2 else "", said) for leg in legs]
    return entry("AN", date, piece, *said_of, ("101000", str(-total)))


def entry(journal: str, date: str, piece: str, *legs: Leg) -> Entry:
    """Any entry from its legs: (account, amount) or (account, amount, party, fields of the line).

    An amount is a debit, or a credit when negative. ``piece`` in the fields overrides the entry's own.
    """
    lines = []
    for leg in legs:
        account, amount = leg[0], Decimal(leg[1])
        party: str = leg[2] if len(leg) == 4 else ""
        said: dict[str, Any] = dict(leg[3]) if len(leg) == 4 else {}
        line = Line(
            journal, date, account, amount, piece, party, number=f"{journal}-{_compact(date)}-{piece}"
        )
        lines.append(replace(line, **said))
    assert sum(line.amount for line in lines) == 0, f"the entry {piece} of {date} does not balance"
    return tuple(lines)


def fec(*entries: Entry) -> bytes:
    """The entries as a FEC: tab, UTF-8, a decimal comma, and a due date column when one of them has a due date."""
    lines = [line for one in entries for line in one]
    has_due = any(line.due for line in lines)
    rows: list[Sequence[str]] = [[*COLUMNS, "DateEcheance"] if has_due else COLUMNS]
    rows += [[*line.cells(), _compact(line.due)] if has_due else line.cells() for line in lines]
    return "".join("\t".join(row) + "\r\n" for row in rows).encode()


def _trade(
    journal: str,
    date: str,
    party: str,
    piece: str,
    amount: Decimal,
    account: str,
    trade_account: str,
    vat_account: str,
    said: dict[str, str],
) -> Entry:
    without_vat = round(amount / Decimal("1.2"), 2)
    return entry(
        journal,
        date,
        piece,
        (account, str(amount), party, said),
        (trade_account, str(-without_vat)),
        (vat_account, str(without_vat - amount)),
    )


def _compact(date: str) -> str:
    return date.replace("-", "")


def _comma(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")
