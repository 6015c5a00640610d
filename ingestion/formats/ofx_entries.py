"""The entries of an OFX statement (``STMTTRN``) as movements.

Here: what the tags of an entry mean (OFX 2.3, 11.4.4; unchanged since 1.0.2). Not here: what a statement says beside
its entries.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from stdnum import iban

from ingestion.formats.columns import amounts, dates
from ingestion.formats.currencies import decimals_of
from ingestion.formats.french_accounts import iban_of
from ingestion.formats.ofx_elements import Elements, Indices
from ingestion.formats.statements import UNIT_DECIMALS, movement_table
from ingestion.formats.values import read_amount, read_date
from ingestion.reading import BadRow, UnreadableError
from ingestion.schemas import BANK_TRANSACTIONS

TRANSACTION_TYPES: Final = frozenset(
    {
        "ATM",
        "CASH",
        "CHECK",
        "CREDIT",
        "DEBIT",
        "DEP",
        "DIRECTDEBIT",
        "DIRECTDEP",
        "DIV",
        "FEE",
        "HOLD",
        "INT",
        "OTHER",
        "PAYMENT",
        "POS",
        "REPEATPMT",
        "SRVCHG",
        "XFER",
    }
)
"""``TRNTYPE`` (OFX 2.3, 11.4.4.3)."""

HELD: Final = "HOLD"
"""The type of an amount that is only reserved."""

RIB: Final = re.compile(r"([0-9]{5})([0-9]{5})([0-9A-Z]{11})([0-9]{2})")
RATE: Final = re.compile(r"[0-9]{1,8}(?:[.,][0-9]{1,10})?")
TOO_LARGE: Final = Decimal(10) ** (18 - UNIT_DECIMALS)

ASK_AGAIN: Final = "Download the statement again."


@dataclass(frozen=True)
class Account:
    """What an entry takes from its statement: the account's number and currency, and a day where it has none."""

    number: str
    currency: str | None
    last_day: date | None


class Entries:
    """The entries of a statement in a piece of a file, from the tags in ``begins`` to those in ``ends``."""

    def __init__(self, elements: Elements, begins: Indices, ends: Indices) -> None:
        self._elements = elements
        self._begins = begins
        self._ends = ends
        first, last = (int(begins[0]), int(ends[-1])) if len(begins) else (0, 0)
        self._span = slice(first, last)
        steps = np.zeros(last - first, np.int64)
        steps[begins - first] = 1
        self._entry = np.cumsum(steps) - 1
        self._is_inside = np.arange(first, last) < ends[self._entry]

    def __len__(self) -> int:
        return len(self._begins)

    def has(self, name: str) -> bool:
        """Whether the piece has that tag at all."""
        return name in self._elements.names

    def tags(self, name: str) -> Indices:
        """For each entry its first tag of that name, -1 for none."""
        found = self._found(name)
        tags = np.full(len(self), -1, np.int64)
        tags[self._entry[found][::-1]] = found[::-1] + self._span.start
        return tags

    def repeats(self, name: str) -> npt.NDArray[np.bool_]:
        """For each entry whether it has several tags of that name."""
        return np.bincount(self._entry[self._found(name)], minlength=len(self)) > 1

    def values(self, name: str) -> pa.Array:
        """For each entry the text after that tag, trimmed, or null."""
        return self._elements.values(self.tags(name)) if self.has(name) else pa.nulls(len(self), pa.string())

    def words(self, name: str) -> pa.Array:
        """The same without entities, and with one blank between words."""
        return self._elements.words(self.tags(name)) if self.has(name) else pa.nulls(len(self), pa.string())

    def rows(self) -> Indices:
        """The line that each entry begins on."""
        return self._elements.rows(self._begins)

    def text(self, entry: int) -> str:
        """An entry as it stands in the file."""
        return self._elements.text(int(self._begins[entry]), int(self._ends[entry]))

    def _found(self, name: str) -> Indices:
        return np.flatnonzero(self._elements.are({name}, self._span) & self._is_inside)


def read_entries(
    entries: Entries, account: Account, statement_ordinal: int, entry_count: int
) -> tuple[pa.Table, list[BadRow], int]:
    """The booked entries of a statement as movements, those that cannot be read, and how many are only reserved.

    ``entry_count`` of its entries have landed before.
    """
    kinds = entries.values("TRNTYPE")
    amount, is_bad_amount = amounts(entries.values("TRNAMT").dictionary_encode(), UNIT_DECIMALS)
    posted, is_bad_day = _days(entries.values("DTPOSTED"))
    valued, _ = _days(pc.coalesce(entries.values("DTAVAIL"), entries.values("VALUEDATE")))
    ordered, _ = _days(entries.values("DTUSER"))
    booked = pc.coalesce(posted, valued, ordered, pa.scalar(account.last_day, pa.date32()))
    columns: dict[str, Any] = {
        "statement_ordinal": pa.repeat(pa.scalar(statement_ordinal, pa.int32()), len(entries)),
        "source_row": pa.array(entries.rows()),
        "bank_entry_reference": _without_zeros(entries.words("FITID")),
        "booking_date": booked,
        "value_date": valued,
        "amount": amount,
        "currency_code": pa.repeat(pa.scalar(account.currency, pa.string()), len(entries)),
        "bank_transaction_code": _by_distinct_value(kinds, _code),
        "proprietary_code": _by_distinct_value(kinds, _own_code),
        **_texts(entries),
    }
    if entries.has("CURSYM"):
        columns |= _in_account_currency(entries, amount, account.currency)
    if entries.has("BANKACCTTO"):
        columns["counterparty_iban"] = _counterparty_ibans(entries, account.number)
    is_bad = (
        _mask(is_bad_amount)
        | _mask(is_bad_day)
        | _mask(pc.is_null(columns["amount"]))
        | _mask(pc.is_null(booked))
        | _mask(pc.is_null(columns["currency_code"]))
        | entries.repeats("TRNAMT")
        | _mask(pc.is_valid(entries.values("CORRECTFITID")))
    )
    is_held = _mask(pc.fill_null(pc.equal(pc.utf8_upper(kinds), HELD), False))
    is_booked = ~is_held & ~is_bad
    columns["entry_ordinal"] = pa.array(entry_count + np.cumsum(is_booked), pa.int32())
    bad = _bad_rows(entries, account, np.flatnonzero(is_bad & ~is_held))
    return movement_table(columns, len(entries)).filter(pa.array(is_booked)), bad, int(is_held.sum())


def day(text: str) -> date | None:
    """The day of a point of time, in the bank's own zone; None for none, or for zeros.

    Raises ``UnreadableError`` for anything else.
    """
    return read_date(text[:8] if text[:8].isdecimal() else text[:10]) if text else None


def account_number(bank: str, branch: str, number: str, key: str) -> str:
    """The IBAN where the number is one, or the parts or the number are a French RIB; else the number without blanks."""
    bare = re.sub(r"\s", "", number)
    if iban.is_valid(bare):
        return iban.compact(bare)
    if whole := RIB.fullmatch(bare.upper()):
        bank, branch, account, key = whole.groups()
    else:
        account = bare
    made = iban_of(bank, branch, account)
    return made if made and key in ("", made[-2:]) else bare


def _days(column: pa.Array) -> tuple[pa.Array, pa.Array]:
    """The days of points of time, in the bank's own zone, and a mask of the cells that hold something else."""
    is_compact = pc.match_substring_regex(column, "^[0-9]{8}")
    compact, written_out = pc.utf8_slice_codeunits(column, 0, 8), pc.utf8_slice_codeunits(column, 0, 10)
    return dates(pc.if_else(is_compact, compact, written_out).dictionary_encode())


def _texts(entries: Entries) -> dict[str, Any]:
    names = pc.coalesce(entries.words("EXTDNAME"), entries.words("NAME"))
    numbers = [_number(entries, name) for name in ("CHECKNUM", "REFNUM")]
    given = [column.to_pylist() for column in numbers if column.null_count < len(column)]
    rows = zip(names.to_pylist(), entries.words("MEMO").to_pylist(), *given, strict=True)
    return {"counterparty_name": names, "remittance_text": [_text(*row) for row in rows]}


def _text(name: str | None, memo: str | None, *numbers: str | None) -> str | None:
    """Name, words and numbers, each unless those before hold it: banks put the words they have in any of them."""
    text = f"{name} {memo}" if name and memo and name not in memo else memo or name
    for number in numbers:
        if number and not (text and number in text):
            text = f"{text} {number}" if text else number
    return text


def _number(entries: Entries, name: str) -> pa.Array:
    """A number that the payer or the bank gave, where it is not the bank's name of the entry once more."""
    number = entries.words(name)
    is_again = pc.fill_null(pc.equal(number, entries.words("FITID")), False)
    return _without_zeros(pc.if_else(is_again, pa.scalar(None, pa.string()), number))


def _without_zeros(column: pa.Array) -> pa.Array:
    """The column without numbers that are nothing but zeros, which some banks write for none."""
    is_nothing = pc.equal(pc.utf8_ltrim(column, "0"), "")
    return pc.if_else(is_nothing, pa.scalar(None, pa.string()), column)


def _in_account_currency(entries: Entries, amount: pa.Array, currency: str | None) -> dict[str, pa.Array]:
    """The columns of amounts where entries name a currency of their own."""
    was_converted = (entries.tags("ORIGCURRENCY") >= 0).tolist()
    symbols, rates = entries.values("CURSYM").to_pylist(), entries.values("CURRATE").to_pylist()
    cells = zip(amount.to_pylist(), symbols, rates, was_converted, strict=True)
    rows = [
        _accounted(written, symbol and symbol.upper(), rate, is_done, currency)
        for written, symbol, rate, is_done in cells
    ]
    names = ("amount", "currency_code", "original_amount", "original_currency_code")
    return {
        name: pa.array(values, BANK_TRANSACTIONS.field(name).type)
        for name, values in zip(names, zip(*rows, strict=True), strict=True)
    }


def _accounted(
    written: Decimal | None, symbol: str | None, rate: str | None, was_converted: bool, currency: str | None
) -> tuple[Decimal | None, str | None, Decimal | None, str | None]:
    """Amount and currency as of the account, then those of the entry where they are others.

    ``CURRENCY`` says that the amount is in the named currency, and how much of the account's one unit of it is;
    ``ORIGCURRENCY`` that the amount was converted from it (OFX 2.3, 5.2). No amount where no rate is told.
    """
    if not symbol or symbol == currency:
        return written, currency, None, None
    if was_converted:
        return written, currency, None, symbol
    if not currency:
        return written, symbol, None, None
    if written is None or not rate or not RATE.fullmatch(rate):
        return None, currency, written, symbol
    converted = written * Decimal(rate.replace(",", "."))
    unit = Decimal(1).scaleb(-decimals_of(currency))
    fits = abs(converted) < TOO_LARGE
    return converted.quantize(unit, ROUND_HALF_UP) if fits else None, currency, written, symbol


def _counterparty_ibans(entries: Entries, own: str) -> list[str | None]:
    """The IBAN of the account that a transfer names (``BANKACCTTO``), unless it is the statement's own."""
    parts = (entries.values(name).to_pylist() for name in ("BANKID", "BRANCHID", "ACCTID"))
    ibans = [
        _iban(bank or "", branch or "", number) if number else None
        for bank, branch, number in zip(*parts, strict=True)
    ]
    return [None if number == own else number for number in ibans]


@lru_cache(maxsize=10_000)
def _iban(bank: str, branch: str, number: str) -> str | None:
    found = account_number(bank, branch, number, "")
    return found if iban.is_valid(found) else None


def _bad_rows(entries: Entries, account: Account, at: Indices) -> list[BadRow]:
    if not len(at):
        return []
    rows, is_twice = entries.rows().tolist(), entries.repeats("TRNAMT").tolist()
    corrected, amount, posted, symbol = (
        entries.values(name).to_pylist() for name in ("CORRECTFITID", "TRNAMT", "DTPOSTED", "CURSYM")
    )
    bad = []
    for entry in at.tolist():
        if is_twice[entry]:
            reason, remedy = "the entry has two amounts", ASK_AGAIN
        elif corrected[entry]:
            reason = f"it corrects the entry {corrected[entry]} of another file, and what has landed stays"
            remedy = "Drop a statement of these days that was made after the correction."
        else:
            reason, remedy = _fault(amount[entry], posted[entry], symbol[entry], account)
        bad.append(BadRow(rows[entry], reason, remedy, entries.text(entry)))
    return bad


def _fault(amount: str | None, posted: str | None, symbol: str | None, account: Account) -> tuple[str, str]:
    """Why an entry cannot be read, and what to do."""
    if not amount:
        return "the entry has no amount (TRNAMT)", ASK_AGAIN
    try:
        read_amount(amount, UNIT_DECIMALS)
        booked = day(posted or "") or account.last_day
    except UnreadableError as problem:
        return problem.reason, ASK_AGAIN
    if not booked:
        return "the entry has no date, nor has its statement", ASK_AGAIN
    if not (symbol or account.currency):
        return "the amount of the entry has no currency", "Ask the bank for the file again."
    return f"the entry is in {symbol}, and no rate says how much of the account's currency that is", ASK_AGAIN


def _code(kind: str) -> str | None:
    return f"OFX-{kind.upper()}" if kind.upper() in TRANSACTION_TYPES else None


def _own_code(kind: str) -> str | None:
    return None if kind.upper() in TRANSACTION_TYPES else kind


def _by_distinct_value(column: pa.Array, make: Callable[[str], str | None]) -> pa.Array:
    encoded = column.dictionary_encode()
    return pa.array([make(value) for value in encoded.dictionary.to_pylist()], pa.string()).take(
        encoded.indices
    )


def _mask(column: pa.Array) -> npt.NDArray[np.bool_]:
    return np.asarray(column.to_numpy(zero_copy_only=False), np.bool_)
