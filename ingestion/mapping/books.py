"""Rows of a mapped table as ledger lines, invoices or third parties."""

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from home.mapping import JOINED
from ingestion.formats.ledger import Converted, Totals, canonical
from ingestion.mapping.cells import (
    UNIT_DECIMALS,
    Column,
    Mask,
    Numbers,
    amounts,
    clean,
    dates,
    day_array,
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
from ingestion.mapping.words import DOCUMENT_TYPES, KINDS, SIDES, translated
from ingestion.reading import BadRow, DateSpan, FileRefusedError, Reading, Sink, UnreadableError
from ingestion.schemas import LANDED_TABLES, LEDGER_AMOUNT

AMOUNT_DECIMALS: Final = 2
TABLES: Final = {"ledger": "ledger_lines", "invoices": "invoices", "third_parties": "third_parties"}
REQUIRED: Final = {
    "ledger": ("entry_date", "account_code"),
    "invoices": ("document_number",),
    "third_parties": ("third_party_code",),
}
LEDGER_AMOUNTS: Final = ("debit", "credit", "amount")
WORDS: Final = {
    "direction": (SIDES, "debit or credit"),
    "kind": (KINDS, "customer or supplier"),
    "document_type": (DOCUMENT_TYPES, "invoice or credit_note"),
}
DEFAULTS: Final = {"kind": "customer"}


class BookTable:
    """A table on its way to ``ledger_lines``, ``invoices`` or ``third_parties``."""

    def __init__(self, fit: Fit, sha256: str, sink: Sink) -> None:
        self._fit = fit
        self._mapping = fit.mapping
        self._kind = fit.mapping.lands_as
        self._table = TABLES[self._kind]
        self._types = {item.name: item.type for item in list(LANDED_TABLES[self._table])[2:]}
        self._sha256 = sha256
        self._sink = sink
        self._rows = Rows(fit)
        self._waiting: list[Row] = []
        self._has_begun = False

    def read(self) -> Reading:
        """Land every row that can be read. Raises ``FileRefusedError`` when there is none."""
        reading = self._read_ledger() if self._kind == "ledger" else self._read_documents()
        parts = [f"mapping {self._mapping.name}", *self._fit.table.description, reading.dialect]
        left_out = self._rows.left_out + len(self._waiting)
        if left_out:
            parts.append(f"rows left out {left_out}")
        if not reading.rows_read:
            raise FileRefusedError("it holds a header and no row", "Export it again, with its content.")
        return replace(reading, dialect=";".join(part for part in parts if part))

    def _read_ledger(self) -> Reading:
        totals = Totals()
        for rows, numbers, bad in self._converted():
            converted = Converted(canonical(rows, numbers, self._sha256), bad, len(rows) + len(bad))
            totals.take(converted, self._sink)
        return totals.reading("")

    def _read_documents(self) -> Reading:
        schema = LANDED_TABLES[self._table]
        held: list[pa.Table] = []
        count = 0
        span = DateSpan()
        companies: set[str | None] = set()
        lines = 0
        for rows, numbers, bad in self._converted():
            self._sink.quarantine(bad)
            count += len(bad)
            source = pa.repeat(pa.scalar(self._sha256), len(rows))
            columns = {"source_sha256": source, "source_row": numbers}
            columns |= {name: rows.column(name) for name in rows.column_names}
            table = pa.table(
                [columns.get(item.name, pa.nulls(len(rows), item.type)) for item in schema], schema=schema
            )
            if self._mapping.adds_up_lines:
                held.append(table)
            elif len(table):
                self._land(table, span, companies)
                count += len(table)
        if held:
            lines = sum(map(len, held))
            table = _added_up(pa.concat_tables(held))
            if len(table):
                self._land(table, span, companies)
                count += len(table)
        return Reading(
            dialect=f"lines added up {lines}" if lines else "",
            rows_read=count,
            period_start=span.start,
            period_end=span.end,
            median_date=span.median,
            company_ids=tuple(sorted(company for company in companies if company)),
            names_every_company=bool(companies) and None not in companies,
        )

    def _land(self, table: pa.Table, span: DateSpan, companies: set[str | None]) -> None:
        self._sink.write(self._table, table)
        companies.update(pc.unique(table.column("company_id")).to_pylist())
        if "issue_date" in table.column_names:
            for day in pc.value_counts(table.column("issue_date")).to_pylist():
                if day["values"]:
                    span.add(day["values"], day["counts"])

    def _converted(self) -> Iterator[tuple[pa.Table, pa.Array, list[BadRow]]]:
        """The rows of each block in our columns, their row numbers, and those that cannot be read."""
        for block in self._rows.blocks():
            yield self._convert(block)

    def _convert(self, block: Block) -> tuple[pa.Table, pa.Array, list[BadRow]]:
        columns: dict[str, Any] = {}
        faults: list[Mask] = [self._surplus(block)]
        says: list[Mask] = []
        for name in (*self._types, *(("amount", "direction") if self._kind == "ledger" else ())):
            if name in WORDS:
                columns[name], is_bad = self._words(block, name)
                faults.append(is_bad)
            elif name in LEDGER_AMOUNTS or self._is_amount(name) or self._is_date(name):
                column = self._numbers(block, name)
                columns[name] = column
                faults.append(column.is_bad)
                says.append(column.is_there if self._is_date(name) else column.is_filled)
            else:
                columns[name] = self._text(block, name)
        if self._kind == "ledger":
            columns["debit"], columns["credit"], is_missing = _sides(columns)
            faults.append(is_missing)
        elif self._kind == "invoices":
            faults.append(self._lacks_meaning(columns))
            columns["document_type"] = _document_types(columns)
        keys = [_is_filled(columns[name]) for name in REQUIRED[self._kind]]
        faults += [~key for key in keys]
        # A row without any date, amount or key says nothing: a title, a total of words, a footer.
        is_text = ~reduce(or_, [*says, *keys])
        is_bad = reduce(or_, faults) & ~is_text
        bad = [self._explained(block.rows[index]) for index in np.flatnonzero(is_bad).tolist()]
        bad += self._told_apart(block, is_text)
        bad.sort(key=lambda row: row.source_row)
        is_good = pa.array(~is_bad & ~is_text)
        numbers = pa.array([row.number for row in block.rows], pa.int64()).filter(is_good)
        rows = pa.table({name: _array(columns[name], kind) for name, kind in self._types.items()}).filter(
            is_good
        )
        return rows, numbers, bad

    def _told_apart(self, block: Block, is_text: Mask) -> list[BadRow]:
        """Text rows at the beginning and the end are left out; those between rows are set aside."""
        content = np.flatnonzero(~is_text)
        if not len(content):
            if self._has_begun:
                self._waiting += block.rows
            else:
                for row in block.rows:
                    self._rows.leave_out(row)
            return []
        first, last = int(content[0]), int(content[-1])
        between = [block.rows[index] for index in np.flatnonzero(is_text).tolist() if first < index < last]
        before = [block.rows[index] for index in np.flatnonzero(is_text).tolist() if index < first]
        if self._has_begun:
            between = [*self._waiting, *before, *between]
        else:
            for row in before:
                self._rows.leave_out(row)
        self._has_begun = True
        self._waiting = block.rows[last + 1 :]
        return [
            BadRow(
                row.number,
                "the row has neither date, amount nor number",
                f"Say what such rows are in the mapping “{self._mapping.name}”: leave_out or footer.",
                row.raw.rstrip("\r\n"),
            )
            for row in between
        ]

    def _is_amount(self, name: str) -> bool:
        return name in self._types and pa.types.is_decimal(self._types[name])

    def _is_date(self, name: str) -> bool:
        return name in self._types and pa.types.is_date(self._types[name])

    def _surplus(self, block: Block) -> Mask:
        if not self._fit.width:
            return np.zeros(len(block.rows), bool)
        return np.fromiter(map(self._rows.has_surplus, block.rows), bool, len(block.rows))

    def _numbers(self, block: Block, name: str) -> Column:
        places = self._fit.columns.get(name, ())
        if self._is_date(name):
            columns = [dates(block.column(index), self._mapping) for index in places]
        else:
            columns = [amounts(block.column(index), self._mapping, AMOUNT_DECIMALS) for index in places]
        return first_filled(columns, len(block.rows)) if columns else empty(len(block.rows))

    def _text(self, block: Block, name: str) -> Any:
        count = len(block.rows)
        columns = [none_if_empty(block.column(index)) for index in self._fit.columns.get(name, ())]
        if not columns:
            texts = pa.nulls(count, pa.string())
        elif name in JOINED and len(columns) > 1:
            texts = joined_texts(columns)
        else:
            texts = pc.coalesce(*columns) if len(columns) > 1 else columns[0]
        if pattern := self._mapping.extract.get(name):
            texts = extracted(texts, pattern)
        if own := self._mapping.values.get(name):
            texts = pa.array(
                [own.get(text, text) if text else None for text in texts.to_pylist()], pa.string()
            )
        if name in self._mapping.fixed:
            texts = pc.fill_null(texts, self._mapping.fixed[name])
        return texts

    def _words(self, block: Block, name: str) -> tuple[Any, Mask]:
        cells = self._text(block, name)
        usual, _ = WORDS[name]
        meaning, is_bad = translated(pc.fill_null(cells, ""), usual, self._mapping.values.get(name, {}))
        is_bad &= cells.is_valid().to_numpy(zero_copy_only=False)
        return (pc.fill_null(meaning, DEFAULTS[name]) if name in DEFAULTS else meaning), is_bad

    def _lacks_meaning(self, columns: dict[str, Any]) -> Mask:
        filled = [_is_filled(columns[name]) for name in ("issue_date", "due_date", "total_amount")]
        return np.asarray(~reduce(or_, filled))

    def _explained(self, row: Row) -> BadRow:
        problems: list[tuple[str, str]] = []
        if self._rows.has_surplus(row):
            problems.append(
                (
                    f"the row has {len(row.cells)} cells where the header has {self._fit.width}",
                    "Put quotes around cells that hold the delimiter or a line break.",
                )
            )
        cells = {
            name: [clean(row.cells[place]) if place < len(row.cells) else "" for place in places]
            for name, places in self._fit.columns.items()
        }
        for name, texts in cells.items():
            for text in texts:
                try:
                    self._check_cell(name, text)
                except UnreadableError as problem:
                    problems.append((f"{self._fit.title(name)}: {problem.reason}", problem.remedy))
        for name in REQUIRED[self._kind]:
            if not any(cells.get(name, ())) and name not in self._mapping.fixed:
                title = self._fit.title(name)
                problems.append((f"{title} is empty", f"Fill in {title} in the source."))
        if not problems and self._kind == "ledger":
            problems.append(("the row has no amount", "Fill in the amount in the source."))
        elif not problems:
            problems.append(
                ("the row has neither a date nor an amount", "Fill in one of them in the source.")
            )
        reasons = "; ".join(reason for reason, _ in problems)
        remedies = " ".join(dict.fromkeys(remedy for _, remedy in problems))
        return BadRow(row.number, reasons, remedies, row.raw.rstrip("\r\n"))

    def _check_cell(self, name: str, text: str) -> None:
        if self._is_date(name):
            read_date(text, self._mapping.date_formats)
        elif name in WORDS:
            usual, allowed = WORDS[name]
            if text and translated(pa.array([text]), usual, self._mapping.values.get(name, {}))[1][0]:
                raise UnreadableError(f"“{text}” is not {allowed}", f"Name the word under values.{name}.")
        elif text and (name in LEDGER_AMOUNTS or self._is_amount(name)):
            read_units(text, self._mapping.decimal_mark, AMOUNT_DECIMALS)


def _is_filled(column: Any) -> Mask:
    if isinstance(column, Column):
        return column.is_there
    return np.asarray(column.is_valid().to_numpy(zero_copy_only=False))


def _array(column: Any, kind: pa.DataType) -> Any:
    """A column as it lands: text as it is, numbers as dates or amounts."""
    if not isinstance(column, Column):
        return column
    return day_array(column) if pa.types.is_date(kind) else _amount_array(column)


def _amount_array(column: Column) -> Any:
    cents = column.numbers // 10 ** (UNIT_DECIMALS - AMOUNT_DECIMALS)
    wide = pa.array(cents, pa.int64(), mask=~column.is_there).cast(pa.decimal128(19, 0))
    return pa.Array.from_buffers(LEDGER_AMOUNT, len(wide), wide.buffers(), wide.null_count, wide.offset)


def _sides(columns: dict[str, Any]) -> tuple[Column, Column, Mask]:
    """Debit and credit, both filled, and which rows have neither: from columns of their own, else from an amount and
    its side, or its sign."""
    debit, credit, amount = (columns[name] for name in LEDGER_AMOUNTS)
    if not amount.is_filled.any():
        is_missing = ~(debit.is_filled | credit.is_filled)
        return _filled(debit.numbers), _filled(credit.numbers), is_missing
    side = columns["direction"]
    if side.null_count == len(side):
        debits, credits_ = np.maximum(amount.numbers, 0), np.maximum(-amount.numbers, 0)
        return _filled(debits), _filled(credits_), ~amount.is_filled
    is_debit = pc.fill_null(pc.equal(side, "debit"), False).to_numpy(zero_copy_only=False)
    is_missing = ~(amount.is_filled & side.is_valid().to_numpy(zero_copy_only=False))
    zero = np.zeros_like(amount.numbers)
    return (
        _filled(np.where(is_debit, amount.numbers, zero)),
        _filled(np.where(is_debit, zero, amount.numbers)),
        is_missing,
    )


def _filled(numbers: Numbers) -> Column:
    return Column(numbers, np.ones(len(numbers), bool), np.zeros(len(numbers), bool))


def _document_types(columns: dict[str, Any]) -> Any:
    """What is said, else a credit note where the total is negative."""
    total = columns["total_amount"]
    by_sign = np.where(total.numbers < 0, "credit_note", "invoice")
    return pc.coalesce(columns["document_type"], pa.array(by_sign, pa.string()))


def _added_up(rows: pa.Table) -> pa.Table:
    """Invoice lines as documents: rows that agree in all but row number and amounts, in the order of their first."""
    summed = ("total_amount", "vat_amount")
    keys = [name for name in rows.column_names if name not in (*summed, "source_row")]
    groups = rows.group_by(keys, use_threads=False).aggregate(
        [("source_row", "min"), *((name, "sum") for name in summed)]
    )
    columns = {"source_row": groups.column("source_row_min")}
    columns |= {name: groups.column(name) for name in keys}
    columns |= {name: groups.column(f"{name}_sum").cast(LEDGER_AMOUNT) for name in summed}
    return pa.table([columns[item.name] for item in rows.schema], schema=rows.schema).sort_by("source_row")
