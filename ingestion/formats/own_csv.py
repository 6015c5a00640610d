"""The CSV files that Encours defines itself: comma or semicolon, ISO dates, point decimals, columns in any order.

Here: how such a file is read, whatever its columns mean. The files themselves are ``third_parties``, ``invoices``,
``disputes``, ``promises``, ``dunning_events``, ``fx_rates`` and ``decisions``.
"""

import csv
import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from ingestion.formats.text import Encoding, blocks, find_encoding
from ingestion.formats.values import read_amount, read_date
from ingestion.reading import BadRow, DateSpan, FileRefusedError, Head, Reading, Sink, UnreadableError
from ingestion.schemas import LANDED_TABLES

BATCH: Final = 20_000
SEPARATORS: Final = {",": "comma", ";": "semicolon"}
BLANKS: Final = "\ufeff \t\r\n,;"
LINE_END: Final = re.compile(r"[\r\n]")

MOST_NAMED: Final = 20
"""Unknown columns that are named one by one: of more, the file is some other export, and nobody reads them all."""


@dataclass(frozen=True)
class OwnCsv:
    """A reader of one such file: its ``kind`` is the name of its table.

    ``telling`` columns make a header recognised, ``foreign`` ones make it another file's; ``required`` columns must be
    there and filled. ``settle`` gives a typed row its defaults, or raises ``UnreadableError``.
    """

    kind: str
    telling: frozenset[str]
    foreign: frozenset[str]
    required: tuple[str, ...]
    settle: Callable[[dict[str, Any]], None]
    date_column: str | None = None

    @property
    def tables(self) -> tuple[str, ...]:
        """The one table that the file lands in."""
        return (self.kind,)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the file, in the order of the table."""
        return tuple(LANDED_TABLES[self.kind].names[2:])

    def recognise(self, head: Head) -> bool:
        """Whether the first line that is not blank is this file's header."""
        names = set(_header(head.text)[1])
        return self.telling <= names and not self.foreign & names

    def read(self, path: Path, head: Head, sha256: str, sink: Sink) -> Reading:
        """Land every readable row.

        Raises ``FileRefusedError`` when a required column is missing or twice there, when the header does not end, or
        when a quoted cell does not.
        """
        if not LINE_END.search(head.text.lstrip(BLANKS)) and path.stat().st_size > len(head.raw):
            raise FileRefusedError(
                "its header does not end within 64 KB", "Keep the columns that are documented."
            )
        separator, header = _header(head.text)
        self._check(header)
        encoding = find_encoding(path, head.raw)
        unknown = [name for name in header if name and name not in self.columns]
        span = DateSpan()
        companies: set[str | None] = set()
        count = 0
        rows: list[dict[str, Any]] = []
        bad: list[BadRow] = []
        for number, raw, cells in _records(path, encoding, separator):
            count += 1
            try:
                row = self._row(header, cells)
            except UnreadableError as problem:
                bad.append(BadRow(number, problem.reason, problem.remedy, raw))
            else:
                rows.append({"source_sha256": sha256, "source_row": number, **row})
                companies.add(row.get("company_id"))
                if self.date_column and row[self.date_column]:
                    span.add(row[self.date_column])
            if len(rows) + len(bad) >= BATCH:
                self._hand_over(rows, bad, sink)
        self._hand_over(rows, bad, sink)
        dialect = [
            f"{self.kind}.csv",
            SEPARATORS[separator],
            encoding.name,
            f"{len(header)} columns",
            encoding.line_end,
        ]
        if unknown:
            dialect.append(f"unknown columns {', '.join(unknown[:MOST_NAMED])}")
        return Reading(
            dialect=";".join(dialect),
            rows_read=count,
            period_start=span.start,
            period_end=span.end,
            median_date=span.median,
            notes=tuple(map(self._unknown, unknown[:MOST_NAMED])),
            company_ids=tuple(sorted(company for company in companies if company)),
            names_every_company="company_id" not in self.columns
            or (bool(companies) and None not in companies),
        )

    def _unknown(self, name: str) -> str:
        near = difflib.get_close_matches(name, self.columns, n=1)
        hint = f"; the nearest known column is {near[0]}" if near else ""
        return f"{self.kind}.csv has no column “{name}”, so it has no effect{hint}."

    def _check(self, header: Sequence[str]) -> None:
        for name in self.columns:
            if header.count(name) > 1:
                raise FileRefusedError(f"its header names {name} twice", "Keep one of the two columns.")
        missing = [name for name in self.required if name not in header]
        if missing:
            raise FileRefusedError(
                f"it looks like {self.kind}.csv, but its header has no {', no '.join(missing)}",
                f"Add the column {', '.join(missing)}.",
            )

    def _row(self, header: Sequence[str], cells: Sequence[str]) -> dict[str, Any]:
        if any(cell.strip() for cell in cells[len(header) :]) or len(cells) < len(header):
            raise UnreadableError(
                f"the row has {len(cells)} cells where the header has {len(header)}",
                "Put quotes around cells that hold the separator or a line break.",
            )
        given = {name: cell.strip() or None for name, cell in zip(header, cells, strict=False)}
        row: dict[str, Any] = {}
        for item in list(LANDED_TABLES[self.kind])[2:]:
            text = given.get(item.name)
            try:
                row[item.name] = _typed(text, item.type) if text else None
            except UnreadableError as problem:
                raise UnreadableError(f"{item.name}: {problem.reason}", problem.remedy) from None
        for name in self.required:
            if row[name] is None:
                raise UnreadableError(f"{name} is empty", f"Fill in {name}.")
        self.settle(row)
        return row

    def _hand_over(self, rows: list[dict[str, Any]], bad: list[BadRow], sink: Sink) -> None:
        if rows:
            sink.write(self.kind, pa.Table.from_pylist(rows, LANDED_TABLES[self.kind]))
        sink.quarantine(bad)
        rows.clear()
        bad.clear()


def as_it_is(row: dict[str, Any]) -> None:
    """Settle a row whose columns stand on their own: nothing to add."""


def one_of(row: dict[str, Any], name: str, choices: Mapping[str, str], default: str) -> None:
    """Set a column to one of its values, as spelt in ``choices`` (spelling → value); the default when it is empty.

    Raises ``UnreadableError`` for anything else.
    """
    text = row[name]
    if text is None:
        row[name] = default
        return
    value = choices.get(re.sub(r"[\s_-]+", "_", text.lower()))
    if value is None:
        allowed = " or ".join(dict.fromkeys(choices.values()))
        raise UnreadableError(f"{name}: “{text}” is not {allowed}", f"Write {allowed}.")
    row[name] = value


def _typed(text: str, column_type: pa.DataType) -> str | date | Decimal | None:
    if pa.types.is_date(column_type):
        return read_date(text)
    if pa.types.is_decimal(column_type):
        return read_amount(text, column_type.scale, column_type.precision)
    return text


def _header(text: str) -> tuple[str, list[str]]:
    line = next((line for line in re.split(r"\r\n|\r|\n", text.lstrip("\ufeff")) if line.strip(BLANKS)), "")
    separator = max(SEPARATORS, key=line.count)
    return separator, [cell.strip().strip('"').strip().lower() for cell in line.split(separator)]


def _records(path: Path, encoding: Encoding, separator: str) -> Iterator[tuple[int, str, list[str]]]:
    """Each record after the header that is not blank: its first line's number, its text and its cells."""
    taken: list[tuple[int, str]] = []
    is_header_ahead = True
    for cells in _cells(path, encoding, separator, taken):
        number, raw = taken[0][0], "".join(text for _, text in taken).rstrip("\n")
        taken.clear()
        if not any(cell.strip() for cell in cells):
            continue
        if is_header_ahead:
            is_header_ahead = False
            continue
        yield number, raw, cells


def _cells(
    path: Path, encoding: Encoding, separator: str, taken: list[tuple[int, str]]
) -> Iterator[list[str]]:
    try:
        yield from csv.reader(_remembered(path, encoding, taken), delimiter=separator)
    except csv.Error:
        raise FileRefusedError(
            f"the row on line {taken[0][0]} has a cell of more than {csv.field_size_limit() >> 10} KB",
            "Close the quotes of that row, or shorten its text.",
        ) from None


def _remembered(path: Path, encoding: Encoding, taken: list[tuple[int, str]]) -> Iterator[str]:
    """The lines of the file, each remembered with its number until its record is complete."""
    for block in blocks(path, encoding):
        lines = block.without_returns().data.decode().split("\n")[:-1]
        for number, line in enumerate(lines, block.first_row):
            taken.append((number, f"{line}\n"))
            yield f"{line}\n"
