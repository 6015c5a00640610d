"""The rows of a bank's table, block by block: what each of them is, and its cells typed.

Here: which rows are bookings, details, balances or text, and why one cannot be read. Not here: how they land.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.mapping.cells import (
    Column,
    Mask,
    amounts,
    clean,
    dates,
    empty,
    extracted,
    first_filled,
    joined_texts,
    none_if_empty,
    read_date,
    read_units,
)
from ingestion.mapping.fitting import Fit
from ingestion.mapping.rows import Block, Rows
from ingestion.mapping.tables import Row
from ingestion.mapping.words import DIRECTIONS, translated
from ingestion.reading import BadRow, UnreadableError

TEXTS: Final = (
    "remittance_text",
    "counterparty_name",
    "counterparty_iban",
    "ultimate_counterparty_name",
    "bank_entry_reference",
    "structured_reference",
    "end_to_end_id",
    "mandate_id",
    "bank_transaction_code",
    "proprietary_code",
    "return_reason",
)
NUMBERED: Final = frozenset({"counterparty_iban", "structured_reference"})
"""Texts whose blanks are only for the eye."""

CURRENCY: Final = re.compile("[A-Z]{3}")
SIGNS: Final = {"€": "EUR", "$": "USD", "£": "GBP", "US$": "USD"}


@dataclass(frozen=True)
class Typed:
    """A block of rows, typed. All columns are as long as the block."""

    block: Block
    booked: Column
    valued: Column
    amount: Column
    detail: Column
    balance: Column
    original: Column
    texts: dict[str, pa.Array]
    account: pa.Array | None
    currency: pa.Array | None
    original_currency: pa.Array | None
    is_entry: Mask
    is_detail: Mask
    is_balance: Mask
    is_text: Mask
    is_bad: Mask


class BankRows:
    """Types the rows of one table."""

    def __init__(self, fit: Fit, rows: Rows) -> None:
        self._fit = fit
        self._mapping = fit.mapping
        self._rows = rows

    def typed(self, block: Block, *, has_day: bool) -> Typed:
        """The rows of a block, typed; ``has_day`` says that the statement has a day for bookings without one."""
        count = len(block.rows)
        days = {name: self._read(block, name, is_date=True) for name in ("booking_date", "value_date")}
        numbers = {name: self._read(block, name) for name in ("detail_amount", "balance", "original_amount")}
        amount = self._amount(block)
        booked, valued = days["booking_date"], days["value_date"]
        dated = booked.is_there | valued.is_there
        is_entry = amount.is_filled
        is_detail = ~is_entry & ~dated & numbers["detail_amount"].is_filled
        is_balance = ~is_entry & ~is_detail & dated & numbers["balance"].is_there
        is_text = ~is_entry & ~is_detail & ~dated & ~numbers["balance"].is_filled
        date_is_bad = booked.is_bad | (valued.is_bad & ~booked.is_there)
        is_bad = is_entry & (amount.is_bad | date_is_bad | ~(dated | has_day) | numbers["balance"].is_bad)
        is_bad |= ~(is_entry | is_detail | is_balance | is_text)
        if self._fit.width:
            surplus = np.fromiter(map(self._rows.has_surplus, block.rows), bool, count)
            is_bad |= surplus & ~is_text
        currency = self._text(block, "currency")
        original_currency = self._text(block, "original_currency")
        if currency is not None:
            currency, currency_is_bad = _currencies(currency)
            is_bad |= currency_is_bad & is_entry
        if original_currency is not None:
            original_currency, _ = _currencies(original_currency)
        account = self._text(block, "account")
        return Typed(
            block=block,
            booked=booked,
            valued=valued,
            amount=amount,
            detail=numbers["detail_amount"],
            balance=numbers["balance"],
            original=numbers["original_amount"],
            texts=self._texts(block),
            account=None if account is None else pc.utf8_upper(_without_blanks(account)),
            currency=currency,
            original_currency=original_currency,
            is_entry=is_entry & ~is_bad,
            is_detail=is_detail & ~is_bad,
            is_balance=is_balance & ~is_bad,
            is_text=is_text,
            is_bad=is_bad,
        )

    def _read(self, block: Block, name: str, *, is_date: bool = False) -> Column:
        read = dates if is_date else amounts
        columns = [read(block.column(index), self._mapping) for index in self._fit.columns.get(name, ())]
        return first_filled(columns, len(block.rows)) if columns else empty(len(block.rows))

    def _amount(self, block: Block) -> Column:
        """The signed amounts, money in positive: by debit and credit column, by direction, or as they are signed."""
        columns = self._fit.columns
        if "amount" in columns:
            amount = self._read(block, "amount")
            if not columns.get("direction"):
                return amount
            direction, is_bad = translated(
                self._text(block, "direction"), DIRECTIONS, self._mapping.values.get("direction", {})
            )
            sign = np.where(pc.equal(direction, "debit").to_numpy(zero_copy_only=False), -1, 1)
            is_bad = amount.is_bad | (is_bad & amount.is_filled)
            return Column(np.abs(amount.numbers) * sign, amount.is_there & ~is_bad, is_bad)
        debit, credit = self._read(block, "debit"), self._read(block, "credit")
        is_bad = debit.is_bad | credit.is_bad
        numbers = np.abs(credit.numbers) - np.abs(debit.numbers)
        return Column(numbers, (debit.is_there | credit.is_there) & ~is_bad, is_bad)

    def _text(self, block: Block, name: str) -> Any:
        """The first filled of a field's columns; None when it has none."""
        places = self._fit.columns.get(name, ())
        if not places:
            return None
        columns = [none_if_empty(block.column(index)) for index in places]
        return pc.fill_null(pc.coalesce(*columns) if len(columns) > 1 else columns[0], "")

    def _texts(self, block: Block) -> dict[str, pa.Array]:
        texts: dict[str, pa.Array] = {}
        for name in TEXTS:
            places = self._fit.columns.get(name, ())
            if not places:
                continue
            if name == "remittance_text" and len(places) > 1:
                texts[name] = joined_texts([none_if_empty(block.column(index)) for index in places])
            else:
                texts[name] = none_if_empty(self._text(block, name))
        source = texts.get("remittance_text")
        for name, pattern in self._mapping.extract.items():
            if (text := texts.get(name, source)) is not None and name in TEXTS:
                texts[name] = extracted(text, pattern)
        for name in NUMBERED & texts.keys():
            texts[name] = _without_blanks(texts[name])
        return texts

    def explained(self, typed: Typed, index: int) -> BadRow:
        """Why a row cannot be read, in words."""
        row = typed.block.rows[index]
        if self._rows.has_surplus(row):
            return set_aside(
                row,
                f"the row has {len(row.cells)} cells where the header has {self._fit.width}",
                "Put quotes around cells that hold the delimiter or a line break.",
            )
        problems: list[UnreadableError] = []
        for name in (
            "booking_date",
            "value_date",
            "amount",
            "debit",
            "credit",
            "balance",
            "direction",
            "currency",
        ):
            for place in self._fit.columns.get(name, ()):
                text = clean(row.cells[place]) if place < len(row.cells) else ""
                try:
                    self._check_cell(name, text)
                except UnreadableError as problem:
                    title = self._fit.title(name)
                    problems.append(UnreadableError(f"{title}: {problem.reason}", problem.remedy))
        if not typed.amount.is_filled[index]:
            problems.append(UnreadableError("the row has no amount", "Fill in the amount in the source."))
        elif not problems:
            problems.append(UnreadableError("the row has no date", "Fill in the date in the source."))
        return set_aside(
            row,
            "; ".join(problem.reason for problem in problems),
            " ".join(dict.fromkeys(problem.remedy for problem in problems)),
        )

    def _check_cell(self, name: str, text: str) -> None:
        if name.endswith("_date"):
            read_date(text, self._mapping.date_formats)
        elif name == "direction":
            if translated(pa.array([text]), DIRECTIONS, self._mapping.values.get(name, {}))[1][0]:
                raise UnreadableError(
                    f"“{text}” is neither debit nor credit", "Name the word under values.direction."
                )
        elif name == "currency":
            if text and not currency_code(text):
                raise UnreadableError(f"“{text}” is no currency", "Write the ISO code of the currency.")
        elif text:
            read_units(text, self._mapping.decimal_mark)


def set_aside(row: Row, reason: str, remedy: str) -> BadRow:
    """A row that cannot be read, as it stands in the file."""
    return BadRow(row.number, reason, remedy, row.raw.rstrip("\r\n"))


def _without_blanks(texts: Any) -> Any:
    return pc.replace_substring_regex(texts, r"\s", "")


def currency_code(text: str) -> str:
    """The ISO code that a text says; empty when it says none."""
    code = SIGNS.get(text, text.upper())
    return code if CURRENCY.fullmatch(code) else ""


def _currencies(cells: Any) -> tuple[pa.Array, Mask]:
    """The codes of a column, and which cells hold something else."""
    encoded = cells.dictionary_encode()
    words = encoded.dictionary.to_pylist()
    codes = [currency_code(word) for word in words]
    is_bad = np.array([bool(word) and not code for word, code in zip(words, codes, strict=True)], bool)
    return pa.array(codes, pa.string()).take(encoded.indices), is_bad[encoded.indices.to_numpy()]
