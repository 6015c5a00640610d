"""Rows of a bank's table as the movements of statements."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.formats.statements import Balance, Heading, StatementFile, movement_table
from ingestion.mapping.arithmetic import Arithmetic, disagreements
from ingestion.mapping.bank_rows import BankRows, Typed, currency_code, set_aside
from ingestion.mapping.cells import (
    EPOCH,
    Column,
    Numbers,
    clean,
    day_array,
    found,
    read_date,
    read_units,
)
from ingestion.mapping.fitting import Fit
from ingestion.mapping.place import Given
from ingestion.mapping.rows import BLOCK_ROWS, Rows
from ingestion.mapping.tables import Row
from ingestion.reading import BadRow, FileRefusedError, Reading, Sink, UnreadableError

MOST_TEXT_ROWS: Final = 2 * BLOCK_ROWS
FEWEST_BALANCES: Final = 2
"""Rows with a balance beyond which these may overrule the sign of amounts."""

Key = tuple[str, str]
"""Account and currency: what a statement is of."""


@dataclass
class Statement:
    """One account in one currency: its rows so far."""

    ordinal: int
    arithmetic: Arithmetic = field(default_factory=Arithmetic)
    entry_count: int = 0


class BankTable:
    """A bank's table on its way to ``bank_transactions`` and ``bank_statements``."""

    def __init__(self, fit: Fit, given: Given, sha256: str, sink: Sink) -> None:
        self._fit = fit
        self._mapping = fit.mapping
        self._given = given
        self._rows = Rows(fit)
        self._columns = BankRows(fit, self._rows)
        self._file = StatementFile(sha256, sink)
        self._statements: dict[Key, Statement] = {}
        self._set_aside = 0
        self._sign: int | None = None
        self._continued = 0
        self._no_value_dates = 0

    def read(self) -> Reading:
        """Land every row that can be read.

        Raises ``FileRefusedError`` when nothing says which account it is of, or when no row has an amount.
        """
        rest: list[Row] = []
        for block in self._rows.blocks():
            typed = self._typed([*rest, *block.rows])
            entries = np.flatnonzero(typed.is_entry)
            # What belongs to the last entry may stand in the next block.
            end = int(entries[-1]) if len(entries) else 0
            self._take(typed, end, is_last=False)
            rest = typed.block.rows[end:]
            if len(rest) > MOST_TEXT_ROWS:
                raise FileRefusedError(
                    f"of the rows from line {rest[0].number} on none has an amount",
                    f"Correct the columns of the mapping “{self._mapping.name}”.",
                )
        if rest:
            self._take(self._typed(rest), len(rest), is_last=True)
        if not self._statements and not self._set_aside:
            self._begin(self._key("", ""), self._fit.header_row or 1)
        return self._file.reading(self._dialect(), self._notes())

    def _typed(self, rows: list[Row]) -> Typed:
        return self._columns.typed(self._rows.block(rows), has_day=self._statement_day() is not None)

    def _begin(self, key: Key, source_row: int) -> Statement:
        ordinal = self._file.begin(partial(self._heading, key), source_row)
        statement = self._statements[key] = Statement(ordinal)
        return statement

    def _take(self, typed: Typed, end: int, *, is_last: bool) -> None:
        """Land the movements of the rows before ``end``, and account for every other of these rows."""
        if self._sign is None:
            self._sign = self._told_sign(typed)
        owner = _owners(typed)
        self._account_for_others(typed, end, owner, is_last=is_last)
        if self._mapping.continuation_rows:
            self._continue_texts(typed, end, owner)
        moving = np.flatnonzero((typed.is_entry | typed.is_balance)[:end])
        keys = self._keys(typed, moving)
        for key in dict.fromkeys(keys):
            mine = moving[[other == key for other in keys]] if len(set(keys)) > 1 else moving
            number = typed.block.rows[int(mine[0])].number
            statement = self._statements.get(key) or self._begin(key, number)
            is_entry = typed.is_entry[mine]
            statement.arithmetic.take(
                np.where(is_entry, typed.amount.numbers[mine] * self._sign, 0),
                typed.balance.numbers[mine],
                typed.balance.is_there[mine],
                np.where(typed.booked.is_there[mine], typed.booked.numbers[mine], typed.valued.numbers[mine]),
            )
            if is_entry.any():
                self._file.take(self._table(typed, mine[is_entry], owner[:end], key, statement))

    def _told_sign(self, typed: Typed) -> int:
        """1, or -1 when amounts are to be turned: the mapping says so, or else the running balance does, by agreeing
        with the turned amounts throughout and not with the amounts as they stand."""
        if self._mapping.inverse_sign:
            return -1
        rows = np.flatnonzero(typed.is_entry | typed.is_balance)
        amount = np.where(typed.is_entry, typed.amount.numbers, 0)[rows]
        at = np.flatnonzero(typed.balance.is_there[rows])
        if len(at) <= FEWEST_BALANCES or len(set(self._keys(typed, rows))) > 1:
            return 1
        balance, after = typed.balance.numbers[rows][at], np.cumsum(amount)
        before = after - amount
        as_is = disagreements(balance, before[at], after[at])
        turned = disagreements(balance, -before[at], -after[at])
        return -1 if min(as_is) and not min(turned) else 1

    def _account_for_others(self, typed: Typed, end: int, owner: Numbers, *, is_last: bool) -> None:
        """Set aside the rows that cannot be read, and count those that are none."""
        bad: list[BadRow] = []
        entries = np.flatnonzero(typed.is_entry[:end])
        last_entry = int(entries[-1]) if len(entries) else -1
        for index in np.flatnonzero(~typed.is_entry[:end]).tolist():
            row = typed.block.rows[index]
            above = int(owner[index])
            if typed.is_bad[index]:
                bad.append(self._columns.explained(typed, index))
            elif typed.is_balance[index]:
                self._rows.leave_out(row)
            elif above >= 0 and typed.is_bad[above]:
                bad.append(
                    set_aside(
                        row, "the row that it continues cannot be read", "Correct that row in the source."
                    )
                )
            elif typed.is_detail[index]:
                if above < 0:
                    bad.append(
                        set_aside(
                            row, "it details no booking: none stands above it", "Export the file again."
                        )
                    )
            elif self._mapping.continuation_rows and above >= 0:
                self._continued += 1
            elif above < 0 or (is_last and index > last_entry):
                self._rows.leave_out(row)
            else:
                bad.append(
                    set_aside(
                        row,
                        "the row has neither date nor amount",
                        f"Say what such rows are in the mapping “{self._mapping.name}”: continuation_rows, leave_out "
                        "or footer.",
                    )
                )
        self._set_aside += len(bad)
        self._file.set_aside(bad)

    def _continue_texts(self, typed: Typed, end: int, owner: Numbers) -> None:
        """Join the texts of rows that continue others to the texts of these."""
        more: dict[int, list[str]] = {}
        for index in np.flatnonzero(typed.is_text[:end] & (owner[:end] >= 0)).tolist():
            cells = [clean(cell) for cell in typed.block.rows[index].cells]
            more.setdefault(int(owner[index]), []).extend(cell for cell in cells if cell)
        _append(typed, more)

    def _keys(self, typed: Typed, rows: Numbers) -> list[Key]:
        """The statement that each of the rows belongs to."""
        if typed.account is None and typed.currency is None:
            return [self._key("", "")] * len(rows)
        blank = [""] * len(rows)
        taken = pa.array(rows)
        account = blank if typed.account is None else typed.account.take(taken).to_pylist()
        currency = blank if typed.currency is None else typed.currency.take(taken).to_pylist()
        known: dict[Key, Key] = {}
        for pair in set(zip(account, currency, strict=True)):
            known[pair] = self._key(*pair)
        return [known[pair] for pair in zip(account, currency, strict=True)]

    def _key(self, account: str, currency: str) -> Key:
        said = account or re.sub(
            r"\s", "", self._outside("account") or self._mapping.fixed.get("account", "")
        )
        owner = said or self._given.account
        if not owner:
            raise FileRefusedError(
                "nothing in it names the bank account",
                "Put it in a folder that is named after the account, inbox/<company id>/<account>/.",
            )
        if not said and currency:
            owner = f"{owner}-{currency}"
        return owner.upper() if said else owner, (
            currency
            or currency_code(self._outside("currency"))
            or self._given.account_currency
            or self._mapping.fixed.get("currency", "")
            or self._given.company_currency
        )

    def _table(
        self, typed: Typed, entries: Numbers, owner: Numbers, key: Key, statement: Statement
    ) -> pa.Table:
        """The movements of these entries of one statement."""
        source, parent, amount, ordinal = self._split(typed, entries, owner)
        at, above = pa.array(source), pa.array(parent)
        columns: dict[str, Any] = {}
        for name, cells in typed.texts.items():
            own = cells.take(at)
            columns[name] = pc.coalesce(own, cells.take(above)) if source is not parent else own
        count = len(source)
        rows = typed.block.rows
        account, currency = key
        numbers = np.searchsorted(entries, parent) + 1 + statement.entry_count
        statement.entry_count += len(entries)
        columns |= {
            "source_row": pa.array([rows[index].number for index in source.tolist()], pa.int64()),
            "statement_ordinal": pa.repeat(pa.scalar(statement.ordinal, pa.int32()), count),
            "entry_ordinal": pa.array(numbers.astype(np.int32)),
            "detail_ordinal": pa.array(ordinal.astype(np.int32)),
            "booking_date": self._booking_days(typed, parent),
            "value_date": self._value_days(typed, parent),
            "amount": pa.array(amount),
            "entry_amount": pa.array(typed.amount.numbers[parent] * (self._sign or 1)),
            "currency_code": pa.repeat(pa.scalar(currency), count),
        }
        if "counterparty_iban" in columns:
            iban = pc.utf8_upper(columns["counterparty_iban"])
            columns["counterparty_iban"] = pc.if_else(
                pc.fill_null(pc.equal(iban, account), False), pa.scalar(None, pa.string()), iban
            )
        if typed.original_currency is not None:
            columns |= _original(typed.original, typed.original_currency, parent, currency)
        return movement_table(columns, count)

    def _booking_days(self, typed: Typed, rows: Numbers) -> Any:
        day = self._statement_day()
        fallback = np.full(len(rows), (day - EPOCH).days if day else 0)
        numbers = np.where(typed.valued.is_there[rows], typed.valued.numbers[rows], fallback)
        numbers = np.where(typed.booked.is_there[rows], typed.booked.numbers[rows], numbers)
        return pa.array(numbers.astype(np.int32)).cast(pa.date32())

    def _value_days(self, typed: Typed, rows: Numbers) -> Any:
        self._no_value_dates += int(typed.valued.is_bad[rows].sum())
        valued = typed.valued
        return day_array(Column(valued.numbers[rows], valued.is_there[rows], valued.is_bad[rows]))

    def _split(
        self, typed: Typed, entries: Numbers, owner: Numbers
    ) -> tuple[Numbers, Numbers, Numbers, Numbers]:
        """For each movement the row that it stands in, that of its booking, its amount and its place among the
        booking's details.

        Bookings land as their details where these add up to them; elsewhere they take over the texts of these.
        """
        sign = self._sign or 1
        signed = typed.amount.numbers * sign
        details = np.flatnonzero(typed.is_detail[: len(owner)])
        of: dict[int, list[int]] = {}
        for index in details.tolist():
            of.setdefault(int(owner[index]), []).append(index)
        if not of:
            return entries, entries, signed[entries], np.zeros(len(entries), np.int64)
        source: list[int] = []
        parent: list[int] = []
        amount: list[int] = []
        ordinal: list[int] = []
        more: dict[int, list[str]] = {}
        for entry in entries.tolist():
            rows = of.get(entry, [])
            total = int(signed[entry])
            shares = [int(typed.detail.numbers[row]) for row in rows]
            turn = 1 if sum(shares) == total else -1
            if rows and sum(shares) * turn == total and typed.detail.is_there[rows].all():
                source += rows
                parent += [entry] * len(rows)
                amount += [turn * share for share in shares]
                ordinal += range(1, len(rows) + 1)
                continue
            source.append(entry)
            parent.append(entry)
            amount.append(total)
            ordinal.append(0)
            more[entry] = [text for row in rows if (text := _text_at(typed, row))]
        for row, entry in zip(source, parent, strict=True):
            if row != entry and len(of[entry]) == 1 and (text := _text_at(typed, entry)):
                more[row] = [text]
        _append(typed, more)
        return np.array(source), np.array(parent), np.array(amount), np.array(ordinal)

    def _heading(self, key: Key) -> Heading:
        statement = self._statements[key]
        balances = statement.arithmetic.balances()
        opening, closing = balances or (None, None)
        if len(self._statements) == 1:
            opening = self._outside_units("opening_balance", opening)
            closing = self._outside_units("closing_balance", closing)
        return Heading(
            account_number=key[0],
            account_currency=key[1],
            account_owner=self._outside("account_owner") or None,
            reference=self._outside("statement_reference") or None,
            from_date=self._outside_day("from_date"),
            to_date=self._outside_day("to_date"),
            opening=None if opening is None else Balance(opening, None),
            closing=None if closing is None else Balance(closing, None),
        )

    def _outside(self, name: str) -> str:
        pattern = self._mapping.patterns.get(name)
        return (pattern and found(re.compile(pattern, re.MULTILINE), self._rows.outside)) or ""

    def _outside_units(self, name: str, otherwise: int | None) -> int | None:
        try:
            text = self._outside(name)
            return read_units(text, self._mapping.decimal_mark) if text else otherwise
        except UnreadableError:
            return otherwise

    def _outside_day(self, name: str) -> date | None:
        try:
            return read_date(self._outside(name), self._mapping.date_formats)
        except UnreadableError:
            return None

    def _statement_day(self) -> date | None:
        return self._outside_day("to_date")

    def _dialect(self) -> str:
        parts = [f"mapping {self._mapping.name}", *self._fit.table.description]
        for text, count in (
            ("rows left out", self._rows.left_out),
            ("rows that continue others", self._continued),
            ("value dates that cannot be read, left empty", self._no_value_dates),
        ):
            if count:
                parts.append(f"{text} {count}")
        if self._sign == -1 and not self._mapping.inverse_sign:
            parts.append("signs turned, as the running balance says")
        return ";".join(parts)

    def _notes(self) -> tuple[str, ...]:
        if not self._no_value_dates:
            return ()
        return (f"{self._no_value_dates} value dates cannot be read and are left empty.",)


def _owners(typed: Typed) -> Numbers:
    """For each row the last row up to it that may be a booking, readable or not; -1 before the first."""
    begins = typed.is_entry | typed.is_bad
    return np.maximum.accumulate(np.where(begins, np.arange(len(begins)), -1))


def _append(typed: Typed, more: Mapping[int, Sequence[str]]) -> None:
    """Add texts to the remittance texts of rows."""
    if not any(more.values()):
        return
    count = len(typed.block.rows)
    held = typed.texts.get("remittance_text")
    texts: list[str | None] = [None] * count if held is None else held.to_pylist()
    for index, parts in more.items():
        texts[index] = " ".join(dict.fromkeys(part for part in (texts[index], *parts) if part)) or None
    typed.texts["remittance_text"] = pa.array(texts, pa.string())


def _text_at(typed: Typed, index: int) -> str | None:
    texts = typed.texts.get("remittance_text")
    return None if texts is None else texts[index].as_py()


def _original(amount: Column, currencies: Any, rows: Numbers, currency: str) -> dict[str, Any]:
    """Amount and currency of the original transactions, where both are said and the currency is another."""
    said = currencies.take(pa.array(rows))
    is_there = amount.is_there[rows] & (amount.numbers[rows] != 0)
    is_there &= pc.and_(pc.not_equal(said, ""), pc.not_equal(said, currency)).to_numpy(zero_copy_only=False)
    return {
        "original_amount": pa.array(np.abs(amount.numbers[rows]), pa.int64(), mask=~is_there),
        "original_currency_code": pc.if_else(pa.array(is_there), said, pa.scalar(None, pa.string())),
    }
