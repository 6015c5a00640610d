"""Which mapping fits a file: the file's first rows, and where a mapping's columns stand in them.

Here: the search. Not here: which mappings there are (``catalogue``), how rows are read (``rows``) or what they mean.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from home.mapping import Fitting, Mapping, Place
from ingestion.mapping.cells import clean
from ingestion.mapping.names import folded, position
from ingestion.mapping.tables import (
    DELIMITERS,
    Delimited,
    FixedWidth,
    Row,
    Sheet,
    Table,
    TextFile,
    XmlRecords,
    joined,
)
from ingestion.mapping.workbook import Workbook, is_workbook
from ingestion.reading import FileRefusedError, Head

BEGINNING: Final = 100
"""Rows in which a header is looked for."""

ZIP: Final = b"PK\x03\x04"


@dataclass(frozen=True)
class Fit:
    """A mapping and the table that it fits: where its header stands (0: it has none), how many cells a row has (0:
    any), and for each field of the mapping the cells that it is read from."""

    mapping: Mapping
    table: Table
    header_row: int
    width: int
    columns: dict[str, tuple[int, ...]]
    left_out: dict[int, re.Pattern[str]]
    beginning: str

    def title(self, field: str) -> str:
        """The column of a field as the mapping names it, for messages."""
        places = self.mapping.columns[field]
        first = places[0] if isinstance(places, tuple) else places
        return f"column {first}" if isinstance(first, int) else str(first).split("|")[0].strip()


@dataclass(frozen=True)
class Candidate:
    """A table that a file may hold: its first rows, their cells cleaned, and these folded as column names are."""

    table: Table
    rows: list[Row]
    cells: list[list[str]]
    folded: list[list[str]]


class Search:
    """What one file begins with, read as each kind of table once."""

    def __init__(self, head: Head) -> None:
        self._head = head
        self._path = head.path
        self._file = TextFile(head.path, head.raw)
        self._candidates: dict[tuple[str, ...], list[Candidate]] = {}
        self._workbook: Workbook | None = None

    def only(self, mappings: Sequence[Mapping]) -> Fit | None:
        """The one mapping that fits the file, or of two the one that asks for all columns of the other and more.

        Raises ``FileRefusedError`` when two fit, and neither does so.
        """
        found = [fit for fit in map(self._fit, mappings) if fit]
        if len(found) > 1:
            found = [
                fit for fit in found if not any(_asks_for_less(fit.mapping, other.mapping) for other in found)
            ]
        if len(found) > 1:
            first, second = found[0].mapping.name, found[1].mapping.name
            raise FileRefusedError(
                f"two mappings fit it, “{first}” and “{second}”",
                "Tell them apart by header, without or pattern of the mapping in encours.toml.",
            )
        return found[0] if found else None

    def fits(self, item: Fitting) -> bool:
        """Whether the file is a table as described."""
        return any(True for _ in self._places(item, item.header, "", "."))

    def nearest(self, mappings: Sequence[Mapping]) -> str | None:
        """A sentence that names the mapping of which most columns are there, at least half, and those that are not."""
        best: tuple[int, str] | None = None
        for mapping in mappings:
            wanted = _needed(mapping)
            for candidate in self._tables(mapping, mapping.sheet, mapping.decimal_mark):
                for header in candidate.folded:
                    missing = [str(name) for name in wanted if position(name, header) is None]
                    there = len(wanted) - len(missing)
                    if missing and there * 2 >= len(wanted) and there > (best[0] if best else 0):
                        lacking = ", ".join(f"“{name}”" for name in missing)
                        best = (
                            there,
                            f"of the mappings, “{mapping.name}” comes nearest: it has no column {lacking}",
                        )
        return best[1] if best else None

    @property
    def candidates(self) -> list[Candidate]:
        """The tables that the file may hold: one per sheet of a workbook, or per delimiter that makes columns."""
        return self._tables(Fitting(), "", ".")

    @property
    def is_workbook(self) -> bool:
        """Whether the file is a workbook."""
        return self._head.raw.startswith(ZIP) and is_workbook(self._path)

    @property
    def is_table(self) -> bool:
        """Whether the file begins as a table does: most of its first rows have the same number of cells, above one."""
        for candidate in self.candidates:
            widths = [len(cells) for cells in candidate.cells]
            usual = max(set(widths), key=widths.count)
            if usual > 1 and widths.count(usual) > max(1, len(widths) // 2):
                return True
        return False

    def _fit(self, mapping: Mapping) -> Fit | None:
        if mapping.layout != "table":
            return self._fit_records(mapping)
        for candidate, index in self._places(mapping, _needed(mapping), mapping.sheet, mapping.decimal_mark):
            header = candidate.folded[index] if index >= 0 else []
            return Fit(
                mapping=mapping,
                table=candidate.table,
                header_row=candidate.rows[index].number if index >= 0 else 0,
                width=_width(candidate.cells[index]) if index >= 0 else 0,
                columns={field: _positions(places, header) for field, places in mapping.columns.items()},
                left_out={
                    place: re.compile(expression)
                    for name, expression in mapping.leave_out.items()
                    if (place := position(int(name) if name.isdecimal() else name, header)) is not None
                },
                beginning=joined(candidate.cells),
            )
        return None

    def _fit_records(self, mapping: Mapping) -> Fit | None:
        if self._head.raw.startswith(ZIP) or _is_xml(self._head) != (mapping.layout == "xml"):
            return None
        text = self._text(mapping.encoding)
        if not re.search(mapping.pattern, text):
            return None
        places = list(dict.fromkeys([*mapping.places(), *mapping.leave_out]))
        table: Table
        if mapping.layout == "xml":
            table = XmlRecords(self._path, mapping.record, places)
        else:
            table = FixedWidth(self._file, mapping.encoding, mapping.record, places)
        return Fit(
            mapping=mapping,
            table=table,
            header_row=0,
            width=0,
            columns={
                field: tuple(
                    places.index(place) for place in (value if isinstance(value, tuple) else (value,))
                )
                for field, value in mapping.columns.items()
            },
            left_out={places.index(name): re.compile(text) for name, text in mapping.leave_out.items()},
            beginning=text,
        )

    def _places(
        self, item: Fitting, header: Sequence[Place], sheet: str, decimal_mark: str
    ) -> Iterator[tuple[Candidate, int]]:
        """Each table that fits, and the index of its header among the first rows (-1: it has none)."""
        found = []
        for candidate in self._tables(item, sheet, decimal_mark):
            if item.pattern and not re.search(item.pattern, joined(candidate.cells)):
                continue
            if not header:
                found.append((candidate, -1))
                continue
            for index, names in enumerate(candidate.folded):
                if all(position(name, names) is not None for name in header) and not any(
                    position(name, names) is not None for name in item.without
                ):
                    found.append((candidate, index))
                    break
        # Sheets in their order; of several delimiters the one that makes most cells.
        if isinstance(self._workbook, Workbook):
            yield from found
        else:
            yield from sorted(found, key=lambda place: -_width(place[0].cells[max(place[1], 0)]))

    def _tables(self, item: Fitting, sheet: str, decimal_mark: str) -> list[Candidate]:
        key = (item.delimiter, item.encoding, sheet, decimal_mark)
        if key not in self._candidates:
            self._candidates[key] = list(self._read(item, sheet, decimal_mark))
        return self._candidates[key]

    def _read(self, item: Fitting, sheet: str, decimal_mark: str) -> Iterator[Candidate]:
        for table, beginning in self._begun(item, sheet, decimal_mark):
            try:
                rows = list(islice(beginning, BEGINNING))
            except FileRefusedError:
                continue
            cells = [[clean(cell) for cell in row.cells] for row in rows]
            if max(map(_width, cells), default=0) > 1:
                yield Candidate(table, rows, cells, [[folded(cell) for cell in row] for row in cells])

    def _begun(self, item: Fitting, sheet: str, decimal_mark: str) -> Iterator[tuple[Table, Iterator[Row]]]:
        if self._head.raw.startswith(ZIP):
            if self._workbook is None and self.is_workbook:
                self._workbook = Workbook(self._path)
            if workbook := self._workbook:
                for name in workbook.sheets:
                    if sheet in ("", name):
                        table = Sheet(workbook, name, decimal_mark)
                        yield table, table.rows()
        elif not sheet and self._head.text and not _is_xml(self._head):
            text = self._text(item.encoding)
            for mark in item.delimiter or DELIMITERS:
                delimited = Delimited(self._file, mark, item.encoding)
                yield delimited, delimited.beginning(text)

    def _text(self, encoding: str) -> str:
        """The beginning of a text file up to its last whole line."""
        text = self._head.raw.decode(encoding, "replace") if encoding else self._head.text
        whole = text[: text.rfind("\n") + 1] or text
        return whole if self._path.stat().st_size > len(self._head.raw) else text


def _needed(mapping: Mapping) -> tuple[Place, ...]:
    if mapping.header:
        return mapping.header
    return () if mapping.pattern else tuple(place for place in mapping.places() if isinstance(place, str))


def _asks_for_less(one: Mapping, other: Mapping) -> bool:
    """Whether a mapping is known by some of the columns by which the other one is known, and by nothing else."""
    if one.without or (one.pattern and _needed(one)):
        return False
    mine, others = ({folded(str(place)) for place in _needed(mapping)} for mapping in (one, other))
    return mine < others


def _positions(places: Place | tuple[Place, ...], header: Sequence[str]) -> tuple[int, ...]:
    listed = places if isinstance(places, tuple) else (places,)
    return tuple(found for place in listed if (found := position(place, header)) is not None)


def _width(cells: Sequence[str]) -> int:
    """Cells up to the last that holds anything."""
    return max((index for index, cell in enumerate(cells, 1) if cell), default=0)


def _is_xml(head: Head) -> bool:
    return head.text.lstrip("\ufeff \r\n\t").startswith("<")
