"""The entries of a camt message: from trees to movements.

A stylesheet (``camt_entries.xsl``) tells each fact, one a line; this module says what the facts mean, a column at a
time.
"""

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any, Final
from xml.sax.saxutils import quoteattr

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from lxml import etree

from ingestion.formats.camt_pieces import Frame
from ingestion.formats.columns import dates
from ingestion.formats.statements import UNIT_DECIMALS, movement_table
from ingestion.formats.values import read_date
from ingestion.reading import UnreadableError
from ingestion.schemas import BANK_AMOUNT

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Cells = Callable[[str], pa.Array]
"""A fact by name, as a column of texts."""

AMOUNT: Final = re.compile(r"([+-]?)0*(\d{0,13})(?:\.(\d{0,5})0*)?", re.ASCII)
PLAIN_AMOUNT: Final = r"^[0-9]{1,13}(\.[0-9]{1,5})?$"
"""Amounts that need no thought; everything else goes through ``units_of``."""

NO_REFERENCE: Final = pa.array(["NOTPROVIDED", "NOT PROVIDED", "NONREF"])
ASK_AGAIN: Final = "Ask the bank for the file again."
STYLESHEET: Final = files("ingestion.formats").joinpath("camt_entries.xsl")

ENTRY_CELLS: Final = (
    "amount",
    "currency",
    "direction",
    "reversal",
    "status",
    "booking_date",
    "value_date",
    "servicer_reference",
    "reference",
    "payment_batch",
    "message_batch",
    "code",
    "proprietary_code",
    "information",
)
"""The facts of an ``Ntry``: ``a``, ``b``… of the stylesheet."""

DETAIL_CELLS: Final = (
    "amount",
    "currency",
    "transaction_amount",
    "transaction_currency",
    "instructed_amount",
    "instructed_currency",
    "direction",
    "servicer_reference",
    "end_to_end_id",
    "mandate_id",
    "code",
    "proprietary_code",
    "debtor",
    "debtor_account",
    "ultimate_debtor",
    "creditor",
    "creditor_account",
    "ultimate_creditor",
    "unstructured",
    "additional",
    "structured_reference",
    "information",
    "return_code",
    "return_information",
)
"""The facts of a ``TxDtls``: ``A``, ``B``… of the stylesheet."""

TELLS_NOTHING: Final = b"0\t\n"
BEGINS_STATEMENT: Final = b"1\t\n"
BEGINS_ENTRY: Final = b"2\t\n"
BEGINS_DETAIL: Final = b"3\t\n"
"""The lines with which the stylesheet begins a statement, an entry and a detail. They stand nowhere else."""

DETAIL_AMOUNTS: Final = ("", "transaction_", "instructed_")
"""The amounts of a detail: its own, the transaction's, the instructed one."""


@dataclass(frozen=True)
class Owner:
    """What the entries of a statement take from it: its account (bare), and the date of an entry that has none."""

    account: str
    fallback_date: date | None


@dataclass(frozen=True)
class Entries:
    """The entries of what is told.

    ``movements`` are those of the booked entries that can be read (``movement_table``): there ``statement_ordinal`` and
    ``entry_ordinal`` count from 1, and ``source_row`` from 0 over all entries. ``problems`` says what is wrong with the
    others, by that number. ``left_out`` entries are not booked.
    """

    movements: pa.Table
    problems: dict[int, UnreadableError]
    left_out: int


def told_by(tree: Any, frame: Frame) -> bytes:
    """What the stylesheet says of a tree; of several, one behind the other is what it would say of them as one."""
    return bytes(_stylesheet(frame.namespace, frame.statement)(tree))


def read_entries(told: bytes, owners: Sequence[Owner]) -> Entries:
    """Every entry of what is told; ``owners`` are its statements, in order."""
    return _Told(_Facts(told), owners).entries()


def units_of(amount: str) -> int:
    """An amount of at most five decimals in units. Raises ``UnreadableError`` when it is none."""
    match = AMOUNT.fullmatch(amount)
    if not match or not (match[2] or match[3] or "0" in amount):
        raise UnreadableError(f"“{amount}” is not an amount", ASK_AGAIN)
    sign, whole, fraction = match.groups()
    units = int(f"{whole}{(fraction or '').ljust(UNIT_DECIMALS, '0')}")
    return -units if sign == "-" else units


def day_of(text: str) -> date | None:
    """The day of a date or of a date and time, as the bank wrote it. Raises ``UnreadableError`` when it is neither."""
    return read_date(text[:10]) if text else None


def bare(account: str) -> str:
    """An account without blanks, in capitals."""
    return account.replace(" ", "").upper()


class _Facts:
    """What is told, as columns: one row an entry, or a detail."""

    def __init__(self, text: bytes) -> None:
        table = pacsv.read_csv(
            pa.py_buffer(text or TELLS_NOTHING),
            pacsv.ReadOptions(
                column_names=["letter", "text"], use_threads=False, block_size=len(text) + len(TELLS_NOTHING)
            ),
            pacsv.ParseOptions(delimiter="\t", quote_char=False),
            pacsv.ConvertOptions(
                column_types={"letter": pa.string(), "text": pa.string()},
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
        letter, self._text = (pa.concat_arrays(table.column(name).chunks) for name in table.column_names)
        # Each is one byte long, so that the bytes of the column are the letters.
        self._letters = np.frombuffer(letter.buffers()[2] or b"", np.uint8)[: len(letter)]
        begins_entry = self._letters == BEGINS_ENTRY[0]
        begins_detail = self._letters == BEGINS_DETAIL[0]
        self._entry = np.cumsum(begins_entry) - 1
        self._detail = np.cumsum(begins_detail) - 1
        self.entry_count = int(begins_entry.sum())
        self.detail_count = int(begins_detail.sum())
        self.statement_of_entry = (np.cumsum(self._letters == BEGINS_STATEMENT[0]) - 1)[begins_entry]
        self.entry_of_detail = self._entry[begins_detail]

    def entries(self, name: str) -> pa.Array:
        """A fact of each entry, null where it tells none."""
        return self._column(b"a"[0] + ENTRY_CELLS.index(name), self._entry, self.entry_count)

    def details(self, name: str) -> pa.Array:
        """A fact of each detail, null where it tells none."""
        return self._column(b"A"[0] + DETAIL_CELLS.index(name), self._detail, self.detail_count)

    def _column(self, letter: int, row: Numbers, count: int) -> pa.Array:
        lines = np.flatnonzero(self._letters == letter)
        if not len(lines):
            return pa.nulls(count, pa.string())
        place = np.full(count, -1)
        place[row[lines[::-1]]] = lines[::-1]
        return self._text.take(pa.array(place, mask=place < 0))


class _Told:
    """The entries of what is told on their way to movements."""

    def __init__(self, facts: _Facts, owners: Sequence[Owner]) -> None:
        self._facts = facts
        self._owners = owners
        self._statement = facts.statement_of_entry
        self._count = np.bincount(facts.entry_of_detail, minlength=facts.entry_count)
        self._first = np.cumsum(self._count) - self._count
        self._is_batch: Mask = self._count > 1

    def entries(self) -> Entries:
        """All that the entries say.

        A batch is its details where they add up to it; else one movement, of which only what all details say is kept.
        """
        status = self._head("status")
        is_booked = _flags(pc.is_null(status)) | _is(status, "BOOK")
        booked, valued, is_dated = self._days()
        units, is_amount = self._units()
        is_readable = is_dated & is_amount & ~_flags(pc.is_null(self._head("currency")))
        is_taken = is_booked & is_readable
        shares, is_split = self._shares(units)

        times = np.where(is_taken, np.where(is_split, self._count, 1), 0)
        entry = np.repeat(np.arange(len(times)), times)
        nth = np.arange(len(entry)) - np.repeat(np.cumsum(times) - times, times)
        detail = self._first[entry] + nth
        is_share = is_split[entry]
        amount = units[entry]
        amount[is_share] = shares[detail[is_share]]
        of = pa.array(entry)
        details = self._details(detail, entry, is_share)
        movements = movement_table(
            {
                "source_row": of,
                "statement_ordinal": pa.array((self._statement[entry] + 1).astype(np.int32)),
                "entry_ordinal": pa.array(_counted(is_taken, self._statement)[entry].astype(np.int32)),
                "detail_ordinal": pa.array(np.where(is_share, nth + 1, 0).astype(np.int32)),
                "booking_date": booked.take(of),
                "value_date": valued.take(of),
                "amount": pa.array(amount),
                "entry_amount": pa.array(units[entry]),
                "is_reversal": pa.array(_is(self._head("reversal"), "true", "1")[entry]),
                **_told(lambda name: self._head(name).take(of), details),
                **self._counterparties(details, pa.array(amount > 0), pa.array(self._statement[entry])),
            },
            len(entry),
        )
        problems = {
            int(number): self._problem(int(number)) for number in np.flatnonzero(is_booked & ~is_readable)
        }
        return Entries(movements, problems, int((~is_booked).sum()))

    def _head(self, name: str) -> pa.Array:
        return self._facts.entries(name)

    def _units(self) -> tuple[Numbers, Mask]:
        """The signed amount of each entry, and the entries that have one."""
        units, is_amount = _units(self._head("amount"))
        direction = self._head("direction")
        is_debit = _is(direction, "DBIT")
        return np.where(is_debit, -units, units), is_amount & (is_debit | _is(direction, "CRDT"))

    def _days(self) -> tuple[pa.Array, pa.Array, Mask]:
        """Booking date (else value date, else the statement's) and value date, and the entries that have a day."""
        booked, is_bad = _days(self._head("booking_date"))
        valued, is_bad_too = _days(self._head("value_date"))
        fallbacks = pa.array([owner.fallback_date for owner in self._owners], pa.date32())
        booked = pc.coalesce(booked, valued, fallbacks.take(pa.array(self._statement)))
        return booked, valued, ~is_bad & ~is_bad_too & ~_flags(pc.is_null(booked))

    def _shares(self, entry_units: Numbers) -> tuple[Numbers, Mask]:
        """The signed amount of each detail, and the batches that are the sum of theirs.

        It is the first of the amounts, in the entry's currency, by which all details add up: amounts that repeat the
        whole batch on each detail do not.
        """
        shares = np.zeros(self._facts.detail_count, np.int64)
        is_split = np.zeros(len(self._count), np.bool_)
        if not self._is_batch.any():
            return shares, is_split
        of = pa.array(self._facts.entry_of_detail)
        currency = self._head("currency").take(of)
        direction = pc.coalesce(self._facts.details("direction"), self._head("direction").take(of))
        is_debit = _is(direction, "DBIT")
        is_directed = is_debit | _is(direction, "CRDT")
        for amount in DETAIL_AMOUNTS:
            units, is_amount = _units(self._facts.details(f"{amount}amount"))
            stated = self._facts.details(f"{amount}currency")
            counts = is_amount & is_directed & ~_flags(pc.not_equal(stated, currency))
            signed = np.where(is_debit, -units, units)
            adds_up = self._is_batch & ~is_split
            adds_up &= (self._sums(counts) == self._count) & (self._sums(signed) == entry_units)
            shares = np.where(adds_up[self._facts.entry_of_detail], signed, shares)
            is_split |= adds_up
        return shares, is_split

    def _sums(self, of_details: npt.NDArray[Any]) -> Numbers:
        """The sum of each entry's details."""
        sums = np.concatenate(([0], np.cumsum(of_details, dtype=np.int64)))
        entry_sums: Numbers = sums[self._first + self._count] - sums[self._first]
        return entry_sums

    def _details(self, detail: Numbers, entry: Numbers, is_share: Mask) -> Cells:
        """The facts of the detail of each movement; where it stands for all details of its entry, what they share.

        That is all their texts, and nothing of one alone.
        """
        place = pa.array(detail, mask=(self._count[entry] != 1) & ~is_share)
        is_common = self._is_batch[entry] & ~is_share
        if not is_common.any():
            return lambda name: self._facts.details(name).take(place)
        spans = [slice(self._first[one], self._first[one] + self._count[one]) for one in entry[is_common]]
        texts = pc.coalesce(self._facts.details("unstructured"), self._facts.details("additional"))
        common = {
            "unstructured": _together(texts, spans),
            "structured_reference": _together(self._facts.details("structured_reference"), spans),
        }
        mask = pa.array(is_common)

        def told(name: str) -> pa.Array:
            own = self._facts.details(name).take(place)
            return pc.replace_with_mask(own, mask, common[name]) if name in common else own

        return told

    def _counterparties(
        self, details: Cells, is_credit: pa.Array, statement: pa.Array
    ) -> dict[str, pa.Array]:
        """Name, account and ultimate party of the other side: the debtor of a credit, the creditor of a debit.

        The accounts overrule the direction where one of them is the statement's own, as in reversals that keep the
        roles of the original payment.
        """
        debtor, creditor = (
            (details(role), _bare(details(f"{role}_account")), details(f"ultimate_{role}"))
            for role in ("debtor", "creditor")
        )
        expected = [pc.if_else(is_credit, *pair) for pair in zip(debtor, creditor, strict=True)]
        other = [pc.if_else(is_credit, *pair) for pair in zip(creditor, debtor, strict=True)]
        own = pa.array([owner.account for owner in self._owners]).take(statement)
        account, other_account = (pc.fill_null(party[1], "") for party in (expected, other))
        is_own = pc.equal(account, own)
        is_nobody = pc.and_(
            pc.is_null(expected[0]), pc.and_(pc.is_null(expected[1]), pc.is_null(expected[2]))
        )
        is_foreign = pc.and_(pc.not_equal(other_account, ""), pc.not_equal(other_account, own))
        turns = pc.and_(pc.and_(is_foreign, pc.not_equal(own, "")), pc.or_(is_own, is_nobody))
        is_ourselves = pc.and_not(pc.and_(is_own, pc.not_equal(account, "")), turns)
        nobody = pa.scalar(None, pa.string())
        names = ("counterparty_name", "counterparty_iban", "ultimate_counterparty_name")
        return {
            name: pc.if_else(is_ourselves, nobody, pc.if_else(turns, there, here))
            for name, here, there in zip(names, expected, other, strict=True)
        }

    def _problem(self, number: int) -> UnreadableError:
        """What keeps an entry from being read: the first of its faults."""
        cell = {name: self._head(name)[number].as_py() or "" for name in ENTRY_CELLS}
        try:
            if cell["direction"] not in ("CRDT", "DBIT"):
                return UnreadableError(f"“{cell['direction']}” is neither CRDT nor DBIT", ASK_AGAIN)
            units_of(cell["amount"])
            if not cell["currency"]:
                return UnreadableError("the amount of the entry has no currency", ASK_AGAIN)
            day_of(cell["booking_date"])
            day_of(cell["value_date"])
        except UnreadableError as problem:
            return problem
        return UnreadableError("the entry has no date, nor has its statement", ASK_AGAIN)


def _told(entry: Cells, detail: Cells) -> dict[str, pa.Array]:
    """The columns of a movement that are what its detail says, else its entry."""
    entry_reference = pc.coalesce(_reference(entry("servicer_reference")), _reference(entry("reference")))
    currency = entry("currency")
    return {
        "bank_entry_reference": pc.coalesce(_reference(detail("servicer_reference")), entry_reference),
        "entry_reference": entry_reference,
        "batch_reference": pc.coalesce(
            _reference(entry("payment_batch")), _reference(entry("message_batch"))
        ),
        "currency_code": currency,
        "bank_transaction_code": pc.coalesce(detail("code"), entry("code")),
        "proprietary_code": pc.coalesce(detail("proprietary_code"), entry("proprietary_code")),
        "remittance_text": pc.coalesce(
            detail("unstructured"), detail("additional"), detail("information"), entry("information")
        ),
        "structured_reference": detail("structured_reference"),
        "end_to_end_id": _reference(detail("end_to_end_id")),
        "mandate_id": detail("mandate_id"),
        "return_reason": pc.coalesce(
            pc.binary_join_element_wise(detail("return_code"), detail("return_information"), " "),
            detail("return_code"),
            detail("return_information"),
        ),
        **_originals(detail, currency),
    }


def _originals(detail: Cells, currency: pa.Array) -> dict[str, pa.Array]:
    """The amount in another currency that was ordered, else that of the transaction."""
    original = np.zeros(len(currency), np.int64)
    is_found = np.zeros(len(currency), np.bool_)
    stated = pa.nulls(len(currency), pa.string())
    for amount in reversed(DETAIL_AMOUNTS):
        its_currency = detail(f"{amount}currency")
        is_foreign = _flags(pc.not_equal(its_currency, currency)) & ~is_found
        if is_foreign.any():
            units, is_amount = _units(detail(f"{amount}amount"))
            is_foreign &= is_amount
            original = np.where(is_foreign, units, original)
            stated = pc.if_else(pa.array(is_foreign), its_currency, stated)
            is_found |= is_foreign
    return {
        "original_amount": pa.array(original, mask=~is_found),
        "original_currency_code": stated,
    }


_STYLESHEETS: Final = threading.local()
"""Each thread needs its own: libxslt's are bound to the thread that made them, and lxml copies them for any other."""


def _stylesheet(namespace: str, statement: str) -> etree.XSLT:
    """The stylesheet bound to the file's own namespace and word, forbidden to read or write anything."""
    known: dict[tuple[str, str], etree.XSLT] = vars(_STYLESHEETS).setdefault("by_name", {})
    if (namespace, statement) not in known:
        text = STYLESHEET.read_text(encoding="utf-8").replace("c:Statement", f"c:{statement}")
        bound = (
            text.replace('"urn:encours:namespace"', quoteattr(namespace))
            if namespace
            else text.replace("c:", "")
        )
        known[namespace, statement] = etree.XSLT(
            etree.XML(bound.encode()), access_control=etree.XSLTAccessControl.DENY_ALL
        )
    return known[namespace, statement]


def _units(column: pa.Array) -> tuple[Numbers, Mask]:
    """The amounts of a column in units, zero where there is none, and a mask of those that are amounts."""
    is_plain = pc.fill_null(pc.match_substring_regex(column, PLAIN_AMOUNT), False)
    plain = pc.if_else(is_plain, column, "0").cast(BANK_AMOUNT)
    # A decimal of 18 digits is the lower half of its 128 bits.
    units = np.frombuffer(plain.buffers()[1], np.int64)[::2][: len(column)].copy()
    is_amount = _flags(is_plain)
    for place in np.flatnonzero(~is_amount & ~_flags(pc.is_null(column))):
        try:
            units[place] = units_of(column[int(place)].as_py())
            is_amount[place] = True
        except UnreadableError:
            continue
    return units, is_amount


def _days(column: pa.Array) -> tuple[pa.Array, Mask]:
    """The days of a column, and a mask of the cells that hold something else."""
    values, is_bad = dates(pc.utf8_slice_codeunits(column, 0, 10).dictionary_encode())
    return values, _flags(is_bad)


def _reference(texts: pa.Array) -> pa.Array:
    """References without those that say that there is none."""
    return pc.if_else(pc.is_in(pc.utf8_upper(texts), NO_REFERENCE), pa.scalar(None, pa.string()), texts)


def _bare(accounts: pa.Array) -> pa.Array:
    return pc.utf8_upper(pc.replace_substring(accounts, " ", ""))


def _is(column: pa.Array, *values: str) -> Mask:
    return _flags(pc.is_in(column, pa.array(values)))


def _flags(condition: Any) -> Mask:
    flags: Mask = pc.fill_null(condition, False).to_numpy(zero_copy_only=False)
    return flags


def _counted(flags: Mask, group: Numbers) -> Numbers:
    """How many flags are set so far in each group of neighbours."""
    count = np.cumsum(flags)
    first = np.searchsorted(group, group)
    counted: Numbers = count - np.where(first > 0, count[first - 1], 0)
    return counted


def _together(texts: pa.Array, spans: Sequence[slice]) -> pa.Array:
    """The distinct texts of each span in one, null where there is none."""
    distinct = (dict.fromkeys(texts[span].drop_null().to_pylist()) for span in spans)
    return pa.array([" ".join(one) or None for one in distinct], pa.string())
