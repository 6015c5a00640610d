"""CFONB 120, the account statement of French banks (Relevé de compte sur support informatique), as columns.

A statement is an old balance (01), movements (04), each followed by its details (05), and a new balance (07). The file
is read twice: first for its balances, so that a statement which lacks its end is known before any of its movements
lands, then for its movements. Zones are those of the CFONB's norm of July 2004, details those of its supplements for
SEPA operations (August 2007, March 2010).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.formats.cfonb_details import Details, counterparty
from ingestion.formats.cfonb_records import (
    ACCOUNT,
    AMOUNT,
    BANK,
    BRANCH,
    CURRENCY,
    DAY,
    DECIMALS,
    DETAIL,
    ENTRY_NUMBER,
    INTERNAL_CODE,
    LABEL,
    MOVEMENT,
    NEW_BALANCE,
    OLD_BALANCE,
    OPERATION,
    REFERENCE,
    REJECTION,
    VALUE_DAY,
    WIDTH,
    Cells,
    Records,
    amounts,
    days,
    records,
    text_of,
    texts,
)
from ingestion.formats.french_accounts import iban_of
from ingestion.formats.statements import Balance, Heading, StatementFile, movement_table
from ingestion.formats.text import Encoding, find_encoding
from ingestion.reading import BadRow, FileRefusedError, Head, Reading, Sink, UnreadableError

RECORD: Final = re.compile(
    r"(?:\A[\ufeff\s\x1a]*|[\r\n])0[1457][0-9]{5}.{4}[0-9]{5}(?:[A-Z]{3}|   )[0-9 ].[0-9A-Z ]{11}..[0-9]{6}"
    r"|(?:\A[\ufeff\s\x1a]*|[\r\n])0[17][0-9]{5} {4}[0-9]{5}(?:[A-Z]{3}|   )[0-9 ].[0-9A-Z ]{11}.{58}[0-9]{13}[{}A-R]"
)
"""A record of any kind by its day, or a balance by its amount."""

DEFAULT_CURRENCY: Final = "EUR"
SHORTEST_ACCOUNT: Final = 5
MOST_DETAILS: Final = 500_000

AGAIN: Final = "Ask the bank for the file again."
STRAY_DETAIL: Final = UnreadableError("the detail (05) follows no movement (04) of its account", AGAIN)
STRAY_CLOSING: Final = UnreadableError("the new balance (07) closes no statement of its account", AGAIN)

KNOWN_CODES: Final = [OLD_BALANCE, MOVEMENT, DETAIL, NEW_BALANCE]
RETURNS: Final = pa.array(
    ["03", "10", "12", "26", "27", "33", "34", "38", "98", "A3", "A4", "A5", "A6", "B3", "B4", "B5", "B6"]
)
"""Operations by which a payment comes back: the parties keep the roles that they had in it."""


@dataclass
class Statement:
    """A statement of the outline: its records from ``first`` (the old balance) up to ``end``, which is not its own."""

    first: int
    row: int
    opening: Cells
    end: int = -1
    closing_row: int = 0
    closing: Cells | None = None


class _Movements(NamedTuple):
    """Movements that can be read (``kept`` of those given), as columns: ``numbers`` are those of their statements."""

    kept: Cells
    cells: Cells
    rows: Cells
    numbers: Cells
    units: Cells
    booked: Cells
    valued: Cells


class CfonbReader:
    """Reads CFONB 120 into ``bank_transactions`` and ``bank_statements``."""

    kind = "bank_statement"
    tables = ("bank_transactions", "bank_statements")

    def recognise(self, head: Head) -> bool:
        """Whether a line of the file's beginning is a record of CFONB 120, by the zones that all records share."""
        # Some mainframes fill blank zones with NUL, which the head's text leaves out.
        filled = head.raw.replace(b"\0", b" ").decode("latin-1") if b"\0" in head.raw else head.text
        return bool(RECORD.search(head.text) or RECORD.search(filled))

    def read(self, path: Path, head: Head, sha256: str, sink: Sink) -> Reading:
        """Land the movements of every statement that is whole.

        Raises ``FileRefusedError`` when the file ends within a statement.
        """
        encoding = find_encoding(path, head.raw)
        has_lines = bool(re.search("[\r\n]", head.text.strip("\ufeff\r\n \x1a\0")))
        file = _File(path, encoding, StatementFile(sha256, sink), has_lines=has_lines)
        file.outline()
        file.land()
        return file.reading()


READER: Final = CfonbReader()


class _File:
    """A file as it is read: its outline, and the movements on their way."""

    def __init__(self, path: Path, encoding: Encoding, file: StatementFile, *, has_lines: bool) -> None:
        self._path = path
        self._encoding = encoding
        self._file = file
        self._has_lines = has_lines
        self._statements: list[Statement] = []
        self._stray_closings: set[int] = set()
        self._without_currency = 0
        self._of_other_bank = 0
        self._longer = 0

    def outline(self) -> None:
        """Find the statements: where each begins and ends.

        Raises ``FileRefusedError`` when the last one does not end, or ends in the middle of its new balance.
        """
        is_open = False
        count = 0
        for block in self._records():
            codes = block.codes
            for position in np.flatnonzero((codes == OLD_BALANCE) | (codes == NEW_BALANCE)).tolist():
                index, row, cells = block.first + position, int(block.rows[position]), block.cells[position]
                if codes[position] == OLD_BALANCE:
                    if is_open:
                        self._statements[-1].end = index
                    self._statements.append(Statement(index, row, cells))
                    is_open = True
                elif is_open and _are_of(cells[None], self._statements[-1].opening[None])[0]:
                    last = self._statements[-1]
                    last.end, last.closing_row, last.closing = index, row, cells
                    is_open = False
                else:
                    self._stray_closings.add(index)
            count = block.first + len(block.rows)
            self._longer += block.longer_count
        if not is_open and self._statements:
            last = self._statements[-1]
            assert last.closing is not None
            is_cut = amounts(last.closing[None, AMOUNT], last.closing[None, DECIMALS])[1][0]
            is_open = last.end == count - 1 and bool(is_cut)
        if is_open:
            last = self._statements[-1]
            raise FileRefusedError(
                f"it ends in the middle of the statement that begins on {self._place(last.row)}: "
                "its new balance (07) is missing",
                "Download it again, or ask the bank for it again.",
            )

    def land(self) -> None:
        """Land the movements of the statements that are whole, and set aside every record that cannot be read."""
        self._headings = [self._heading(statement) for statement in self._statements]
        self._ordinals = np.array(
            [
                self._file.begin(heading, statement.row) if isinstance(heading, Heading) else 0
                for heading, statement in zip(self._headings, self._statements, strict=True)
            ],
            np.int32,
        )
        self._starts = np.array([statement.first for statement in self._statements], np.int64)
        self._ends = np.array([statement.end for statement in self._statements], np.int64)
        self._openings = _stacked([statement.opening for statement in self._statements])
        self._counted = np.zeros(len(self._statements), np.int64)
        for block in _whole_movements(self._records()):
            self._take(block)

    def reading(self) -> Reading:
        """The file's own entry in the manifest."""
        dialect = ["cfonb 120", self._encoding.name]
        if self._has_lines:
            dialect.append(self._encoding.line_end)
        else:
            dialect += ["no line ends", "source_row counts records"]
        for count, said in (
            (self._without_currency, "movements without currency, taken for EUR"),
            (self._of_other_bank, "movements with another bank code than their statement's"),
            (self._longer, "lines cut after 120 characters"),
        ):
            if count:
                dialect.append(f"{said} {count}")
        return self._file.reading(";".join(dialect))

    def _records(self) -> Iterator[Records]:
        return records(self._path, self._encoding, has_lines=self._has_lines)

    def _place(self, row: int) -> str:
        return f"{'line' if self._has_lines else 'record'} {row}"

    def _heading(self, statement: Statement) -> Heading | UnreadableError:
        """The statement's heading, or why its movements cannot land. A balance that cannot be read is set aside."""
        text = text_of(statement.opening).ljust(WIDTH)
        if statement.closing is None:
            fault = UnreadableError(
                f"the statement that begins on {self._place(statement.row)} has no new balance (07): "
                "movements may be missing",
                AGAIN,
            )
            self._file.set_aside([_bad(statement.row, fault, text)])
            return fault
        account = _account(text[BANK], text[BRANCH], text[ACCOUNT])
        if not account:
            fault = UnreadableError(f"“{text[ACCOUNT]}” is no account number", AGAIN)
            self._file.set_aside([_bad(statement.row, fault, text)])
            return fault
        return Heading(
            account_number=account,
            account_currency=text[CURRENCY].strip() or DEFAULT_CURRENCY,
            opening=self._balance(statement.row, statement.opening),
            closing=self._balance(statement.closing_row, statement.closing),
        )

    def _balance(self, row: int, cells: Cells) -> Balance | None:
        try:
            return Balance(_amount(cells), _day(cells[DAY]))
        except UnreadableError as problem:
            self._file.set_aside([_bad(row, problem, text_of(cells))])
            return None

    def _take(self, block: Records) -> None:
        codes, cells = block.codes, block.cells
        at = np.flatnonzero(codes == MOVEMENT)
        numbers = self._statement_of(block.first + at)
        movements = self._movements(cells[at], block.rows[at], numbers)
        details = np.flatnonzero(codes == DETAIL)
        others = np.flatnonzero(codes != DETAIL)
        before = np.searchsorted(others, details) - 1
        parents = others[before] if len(others) else np.zeros_like(details)
        is_stray = (before < 0) | (codes[parents] != MOVEMENT)
        is_stray |= (cells[details, ACCOUNT] != cells[parents, ACCOUNT]).any(axis=1)
        entry_of = np.full(len(codes), -1, np.int64)
        entry_of[at[movements.kept]] = np.arange(len(movements.rows))
        owners = np.where(is_stray, -1, entry_of[parents])
        of_kept = owners >= 0
        if len(movements.rows):
            self._write(movements, Details(cells[details[of_kept]], owners[of_kept], len(movements.rows)))

        bad = []
        kept = movements.kept
        for position, number in zip(at[~kept].tolist(), numbers[~kept].tolist(), strict=True):
            own = details[slice(*np.searchsorted(parents, (position, position + 1)))]
            raw = "\n".join(block.text(one) for one in (position, *own))
            bad.append(_bad(block.rows[position], self._problem(cells[position], number), raw))
        strays = details[(is_stray & (entry_of[parents] >= 0)) | (codes[parents] != MOVEMENT)]
        for position in strays.tolist():
            bad.append(_bad(block.rows[position], STRAY_DETAIL, block.text(position)))
        for position in np.flatnonzero(codes == NEW_BALANCE).tolist():
            if block.first + position in self._stray_closings:
                bad.append(_bad(block.rows[position], STRAY_CLOSING, block.text(position)))
        for position in np.flatnonzero(~np.isin(codes, KNOWN_CODES)).tolist():
            text = block.text(position)
            problem = UnreadableError(f"“{text[:20]}” begins no record (01, 04, 05 or 07)", AGAIN)
            bad.append(_bad(block.rows[position], problem, text))
        if bad:
            self._file.set_aside(sorted(bad, key=lambda row: row.source_row))

    def _statement_of(self, index: Cells) -> Cells:
        """The number, from 0, of the statement that each record stands in; -1: in none."""
        numbers = np.searchsorted(self._starts, index, side="right") - 1
        if not len(self._statements):
            return numbers
        return np.where(index < self._ends[numbers], numbers, -1)

    def _movements(self, cells: Cells, rows: Cells, numbers: Cells) -> _Movements:
        """The movements that can be read."""
        kept = numbers >= 0
        kept[kept] = self._ordinals[numbers[kept]] > 0
        kept[kept] = _are_of(cells[kept], self._openings[numbers[kept]])
        units, is_bad = amounts(cells[:, AMOUNT], cells[:, DECIMALS])
        kept &= ~is_bad
        booked, is_bad = days(cells[:, DAY])
        kept &= ~is_bad
        valued, is_bad = days(cells[:, VALUE_DAY])
        kept &= ~is_bad
        booked = np.where(np.isnat(booked), valued, booked)
        undated = kept & np.isnat(booked)
        booked[undated] = [self._day_of(number) for number in numbers[undated]]
        kept &= ~np.isnat(booked)
        return _Movements(
            kept, cells[kept], rows[kept], numbers[kept], units[kept], booked[kept], valued[kept]
        )

    def _day_of(self, number: int) -> date | None:
        heading = self._headings[number]
        assert isinstance(heading, Heading)
        balances = (heading.closing, heading.opening)
        return next((one.day for one in balances if one and one.day), None)

    def _write(self, movements: _Movements, details: Details) -> None:
        cells, numbers, count = movements.cells, movements.numbers, len(movements.rows)
        distinct, firsts, sizes = np.unique(numbers, return_index=True, return_counts=True)
        ordinals = np.arange(count) - np.repeat(firsts - self._counted[distinct], sizes) + 1
        self._counted[distinct] += sizes
        openings = self._openings[numbers]
        self._of_other_bank += int((cells[:, BANK] != openings[:, BANK]).any(axis=1).sum())
        currency = pc.coalesce(texts(cells[:, CURRENCY]), texts(openings[:, CURRENCY]))
        self._without_currency += currency.null_count
        currency = pc.fill_null(currency, DEFAULT_CURRENCY)
        own = [self._account_of(number) for number in distinct]
        own_account = pa.array(own, pa.string()).take(pa.array(np.repeat(np.arange(len(own)), sizes)))
        facts = details.facts()
        operation = texts(cells[:, OPERATION])
        rejection = _unless(texts(cells[:, REJECTION]), "^0*$")
        is_return = pc.or_(rejection.is_valid(), pc.is_in(operation, RETURNS))
        takes_payer = pc.xor(pa.array(movements.units > 0), is_return)
        name, account, ultimate = counterparty(takes_payer, own_account, facts)
        original, original_currency = details.original(currency)
        columns = {
            "source_row": pa.array(movements.rows),
            "statement_ordinal": pa.array(self._ordinals[numbers]),
            "entry_ordinal": pa.array(ordinals.astype(np.int32)),
            "bank_entry_reference": pc.coalesce(
                facts["operation_reference"],
                texts(cells[:, REFERENCE]),
                _unless(texts(cells[:, ENTRY_NUMBER]), "^0*$"),
            ),
            "booking_date": pa.array(movements.booked),
            "value_date": pa.array(movements.valued),
            "amount": pa.array(movements.units),
            "currency_code": currency,
            "bank_transaction_code": pc.binary_join_element_wise("CFONB", operation, "-"),
            "proprietary_code": texts(cells[:, INTERNAL_CODE]),
            "remittance_text": details.remittance_text(texts(cells[:, LABEL])),
            "structured_reference": facts["structured_reference"],
            "end_to_end_id": facts["end_to_end_id"],
            "mandate_id": facts["mandate_id"],
            "counterparty_name": name,
            "counterparty_iban": account,
            "ultimate_counterparty_name": ultimate,
            "return_reason": pc.coalesce(
                pc.binary_join_element_wise(rejection, facts["return_text"], " "),
                rejection,
                facts["return_text"],
            ),
            "original_amount": original,
            "original_currency_code": original_currency,
        }
        self._file.take(movement_table(columns, count))

    def _account_of(self, number: int) -> str:
        heading = self._headings[number]
        assert isinstance(heading, Heading)
        return heading.account_number

    def _problem(self, cells: Cells, number: int) -> UnreadableError:
        if number < 0:
            return UnreadableError(
                "the movement (04) stands in no statement: no old balance (01) opens it", AGAIN
            )
        heading = self._headings[number]
        if isinstance(heading, UnreadableError):
            return heading
        opening = self._openings[number]
        if not _are_of(cells[None], opening[None])[0]:
            return UnreadableError(
                f"the movement is of account {_own(cells)}, but stands in a statement of {_own(opening)}",
                AGAIN,
            )
        try:
            _amount(cells)
            _day(cells[DAY])
            _day(cells[VALUE_DAY])
        except UnreadableError as problem:
            return problem
        return UnreadableError("the movement has no date, nor has its statement", AGAIN)


def _whole_movements(blocks: Iterator[Records]) -> Iterator[Records]:
    """The same records in blocks that keep a movement and its details together."""
    kept: Records | None = None
    for block in blocks:
        whole = block if kept is None else kept.followed_by(block)
        others = np.flatnonzero(whole.codes != DETAIL)
        last = int(others[-1]) if len(others) else 0
        if last:
            yield whole.part(0, last)
        kept = whole.part(last, len(whole.rows))
        if len(kept.rows) > MOST_DETAILS:
            raise FileRefusedError(
                f"its movement on line {kept.rows[0]} has more than {MOST_DETAILS} details", AGAIN
            )
    if kept is not None:
        yield kept


def _stacked(rows: Sequence[Cells]) -> Cells:
    return np.stack(rows) if rows else np.zeros((0, WIDTH), np.uint8)


def _are_of(cells: Cells, openings: Cells) -> Cells:
    """Whether records are of the accounts of these old balances. The bank's code is not compared: some banks write that
    of another entity of their group; a currency may be left blank."""
    same: Cells = (cells[:, BRANCH] == openings[:, BRANCH]).all(axis=1)
    same &= (cells[:, ACCOUNT] == openings[:, ACCOUNT]).all(axis=1)
    unsaid = (cells[:, CURRENCY] == ord(" ")).all(axis=1) | (openings[:, CURRENCY] == ord(" ")).all(axis=1)
    same &= unsaid | (cells[:, CURRENCY] == openings[:, CURRENCY]).all(axis=1)
    return same


def _own(cells: Cells) -> str:
    return " ".join(text_of(cells[zone]) for zone in (BRANCH, ACCOUNT, CURRENCY)).strip()


@lru_cache(maxsize=10_000)
def _account(bank: str, branch: str, account: str) -> str | None:
    """The account's IBAN; where bank, branch and account are no RIB, the three as they stand. None: no account."""
    number = account.strip()
    if len(number) < SHORTEST_ACCOUNT or not number.isalnum():
        return None
    return iban_of(bank, branch, account) or f"{bank}{branch}{number}".replace(" ", "")


def _amount(cells: Cells) -> int:
    """The amount of a record in units. Raises ``UnreadableError``."""
    units, is_bad = amounts(cells[None, AMOUNT], cells[None, DECIMALS])
    if not is_bad[0]:
        return int(units[0])
    text, decimals = text_of(cells[AMOUNT]), chr(cells[DECIMALS])
    if decimals not in " 012345":
        raise UnreadableError(f"“{decimals}” is no number of decimals", AGAIN)
    if re.fullmatch(" *[0-9]{1,14}", text):
        raise UnreadableError(f"the amount “{text}” has no sign in its last character", AGAIN)
    raise UnreadableError(f"“{text}” is not an amount, or too large for one", AGAIN)


def _day(cells: Cells) -> date | None:
    day, is_bad = days(cells[None])
    if is_bad[0]:
        raise UnreadableError(f"“{text_of(cells)}” is no day of the calendar (DDMMYY)", AGAIN)
    found: date | None = day[0].item()
    return found


def _unless(values: pa.Array, pattern: str) -> pa.Array:
    return pc.if_else(pc.match_substring_regex(values, pattern), pa.scalar(None, pa.string()), values)


def _bad(row: int, problem: UnreadableError, raw: str) -> BadRow:
    return BadRow(int(row), problem.reason, problem.remedy, raw.rstrip())
