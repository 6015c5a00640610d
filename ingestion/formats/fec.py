"""The FEC, the ledger export that French law fixes (article A47 A-1 of the Livre des procédures fiscales).

Text of one ledger line a row, in the dialects that accounting software really writes: tab, pipe or semicolon; 18
columns or more, in any order and any case; Debit and Credit, or Montant and Sens. In tab and pipe files a quote is
data; semicolon files may quote their cells. A row is one physical line.
"""

import csv
import os
import re
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from ingestion.formats.columns import texts
from ingestion.formats.ledger import (
    FIELDS,
    RECOGNISED_FIELDS,
    Converted,
    Totals,
    canonical,
    cell_type,
    explained,
    folded,
    typed,
)
from ingestion.formats.text import Block, blocks, find_encoding
from ingestion.reading import BadRow, FileRefusedError, Head, Reading, Sink

SEPARATORS: Final = {"\t": "tab", "|": "pipe", ";": "semicolon"}
CELL_MARK: Final = "\x1f"
"""ASCII unit separator: stands between the cells of a semicolon file once its quotes are resolved."""

BLANKS: Final = " \t\xa0\x1a\ufeff"
"""What a blank line may hold; 1A is the end-of-file mark of DOS."""


@dataclass(frozen=True)
class Layout:
    """How one file is laid out: its separator, the header's cells, and our column for each (None: not used)."""

    separator: str
    header: tuple[str, ...]
    columns: tuple[str | None, ...]

    def title(self, column: str) -> str:
        """The header's own name of one of our columns."""
        return self.header[self.columns.index(column)].strip()

    @property
    def has_sides(self) -> bool:
        """Whether amounts come as Montant and Sens."""
        return "side" in self.columns


class FecReader:
    """Reads a FEC into ``ledger_lines``."""

    kind = "ledger"
    tables = ("ledger_lines",)

    def recognise(self, head: Head) -> bool:
        """Whether the first line that is not blank names at least five fields of the FEC."""
        line = _first_line(head.text)
        return any(_known(line.split(separator)) >= RECOGNISED_FIELDS for separator in SEPARATORS)

    def read(self, path: Path, head: Head, sha256: str, sink: Sink) -> Reading:
        """Land every readable line. Raises ``FileRefusedError`` when the header lacks what gives a line its meaning."""
        encoding = find_encoding(path, head.raw)
        layout = find_layout(_first_line(head.text))
        totals = Totals()
        workers = min(4, os.cpu_count() or 1)
        with ThreadPoolExecutor(workers) as pool:
            pending: deque[Future[Converted]] = deque()
            for block in _without_header(blocks(path, encoding)):
                pending.append(pool.submit(convert, block, layout, sha256))
                if len(pending) > workers:
                    totals.take(pending.popleft().result(), sink)
            while pending:
                totals.take(pending.popleft().result(), sink)
        if not totals.rows_read:
            raise FileRefusedError(
                "it holds a header and no ledger line", "Export the fiscal year again, with its entries."
            )
        dialect = (
            "fec",
            SEPARATORS[layout.separator],
            encoding.name,
            "montant-sens" if layout.has_sides else "debit-credit",
            f"{len(layout.header)} columns",
            encoding.line_end,
        )
        return totals.reading(";".join(dialect))


READER: Final = FecReader()


def _first_line(text: str) -> str:
    return next(
        (line for line in re.split(r"\r\n|\r|\n", text.lstrip("\ufeff").replace("\0", "")) if line.strip()),
        "",
    )


def _known(cells: Sequence[str]) -> int:
    return sum(folded(cell) in FIELDS for cell in cells)


def find_layout(header_line: str) -> Layout:
    """The layout that the header line tells.

    Raises ``FileRefusedError`` when entry date, account or amounts have no column, or a column occurs twice.
    """
    separator = max(SEPARATORS, key=lambda mark: _known(header_line.split(mark)))
    header = tuple(cell.strip().strip('"').strip() for cell in header_line.split(separator))
    columns = tuple(FIELDS.get(folded(cell)) for cell in header)
    used = [column for column in columns if column]
    for column in used:
        if used.count(column) > 1:
            names = " and ".join(
                f"“{name}”" for name, known in zip(header, columns, strict=True) if known == column
            )
            raise FileRefusedError(
                f"its header names one field twice: {names}", "Keep one of the two columns."
            )
    missing = [
        name
        for name, column in (("EcritureDate", "entry_date"), ("CompteNum", "account_code"))
        if column not in used
    ]
    if not {"debit", "credit"} <= set(used) and not {"amount", "side"} <= set(used):
        missing.append("Debit and Credit (or Montant and Sens)")
    if missing:
        raise FileRefusedError(
            f"it looks like a FEC, but its header has no {', no '.join(missing)}",
            "Export the FEC with all the columns that the law fixes.",
        )
    if {"debit", "credit"} <= set(used):
        columns = tuple(None if column in ("amount", "side") else column for column in columns)
    else:
        columns = tuple(None if column in ("debit", "credit") else column for column in columns)
    return Layout(separator, header, columns)


def _without_header(lines: Iterator[Block]) -> Iterator[Block]:
    is_header_ahead = True
    for block in lines:
        if not is_header_ahead:
            yield block
            continue
        start = 0
        for row, end in enumerate(re.finditer(rb"\n", block.data), block.first_row):
            if block.data[start : end.start()].strip(b" \t\r\xef\xbb\xbf"):
                is_header_ahead = False
                if rest := block.data[end.end() :]:
                    yield Block(rest, row + 1)
                break
            start = end.end()


def convert(block: Block, layout: Layout, sha256: str) -> Converted:
    """The typed rows of a block of lines, in the order of the file.

    Raises ``RuntimeError`` if the parser gave more or fewer rows than the block has lines.
    """
    separator = layout.separator
    if separator == ";" and b'"' in block.data:
        block, separator = _without_quotes(block, len(layout.header)), CELL_MARK
    line_count = block.data.count(b"\n")
    cells, numbers, misfits = _cells(block, layout, separator)
    if len(numbers) + len(misfits) != line_count:
        # A carriage return inside a row was taken for a line's end: rare, so looked for only when the count is off.
        block = block.without_returns()
        cells, numbers, misfits = _cells(block, layout, separator)
    if any(_has_surplus_blanks(text, layout, separator) for _, text in misfits):
        block = _without_surplus_blanks(block, misfits, layout, separator)
        cells, numbers, misfits = _cells(block, layout, separator)
    if len(numbers) + len(misfits) != line_count:
        raise RuntimeError(f"{len(numbers)} rows and {len(misfits)} misfits were made of {line_count} lines")

    rows, is_bad = typed(cells, has_sides=layout.has_sides)
    bad: list[BadRow] = []
    blank_count = 0
    for number, text in misfits:
        if _is_blank(text, separator):
            blank_count += 1
        else:
            bad.append(_misfit(number, text, layout, separator))
    if pc.any(is_bad).as_py():
        ends = np.flatnonzero(np.frombuffer(block.data, np.uint8) == ord("\n"))
        for index in np.flatnonzero(is_bad.to_numpy(zero_copy_only=False)).tolist():
            number = numbers[index].as_py()
            line = number - block.first_row
            text = block.data[ends[line - 1] + 1 if line else 0 : ends[line]].decode().rstrip("\r")
            if _is_blank(text, separator):
                blank_count += 1
            else:
                values = {name: column[index].as_py() for name, column in cells.items()}
                raw = text.replace(CELL_MARK, ";")
                bad.append(explained(number, raw, values, layout.title, has_sides=layout.has_sides))
        is_good = pc.invert(is_bad)
        rows, numbers = rows.filter(is_good), numbers.filter(is_good)
        bad.sort(key=lambda row: row.source_row)
    return Converted(canonical(rows, numbers, sha256), bad, line_count - blank_count)


def _cells(
    block: Block, layout: Layout, separator: str
) -> tuple[dict[str, pa.Array], pa.Array, list[tuple[int, str]]]:
    """The used columns' cells, trimmed; the physical line of each row; and the lines with another number of cells."""
    misfits: list[tuple[int, str]] = []

    def set_aside(row: pacsv.InvalidRow) -> str:
        misfits.append((row.number + block.first_row - 1, row.text))
        return "skip"

    names = [column or f"unused {position}" for position, column in enumerate(layout.columns)]
    used = [column for column in layout.columns if column]
    table = pacsv.read_csv(
        pa.BufferReader(block.data),
        # One thread and one pyarrow block: only so are the line numbers of misfits given.
        pacsv.ReadOptions(use_threads=False, block_size=len(block.data) + 1, column_names=names),
        pacsv.ParseOptions(
            delimiter=separator, quote_char=False, ignore_empty_lines=False, invalid_row_handler=set_aside
        ),
        pacsv.ConvertOptions(
            # The blocks are valid UTF-8 already.
            check_utf8=False,
            column_types={name: cell_type(name) for name in used},
            include_columns=used,
            strings_can_be_null=True,
            null_values=[""],
        ),
    )
    numbers = np.arange(block.first_row, block.first_row + len(table) + len(misfits), dtype=np.int64)
    if misfits:
        numbers = np.delete(numbers, [number - block.first_row for number, _ in misfits])
    cells = {name: texts(table.column(name).combine_chunks()) for name in used}
    return cells, pa.array(numbers), misfits


def _is_blank(text: str, separator: str) -> bool:
    return not text.replace(separator, "").strip(BLANKS)


def _has_surplus_blanks(text: str, layout: Layout, separator: str) -> bool:
    surplus = text.split(separator)[len(layout.header) :]
    return bool(surplus) and not any(cell.strip(BLANKS) for cell in surplus)


def _without_surplus_blanks(
    block: Block, misfits: list[tuple[int, str]], layout: Layout, separator: str
) -> Block:
    lines = block.data.split(b"\n")
    for number, text in misfits:
        if _has_surplus_blanks(text, layout, separator):
            kept = text.split(separator)[: len(layout.header)]
            lines[number - block.first_row] = separator.join(kept).encode()
    return Block(b"\n".join(lines), block.first_row)


def _without_quotes(block: Block, cell_count: int) -> Block:
    """The lines with ``CELL_MARK`` between cells. A line whose quotes do not pair is taken as it stands."""
    lines = block.data.decode().split("\n")
    for index, line in enumerate(lines):
        cells = line.split(";")
        if '"' in line:
            quoted = next(csv.reader([line], delimiter=";"))
            if len(cells) != cell_count or len(quoted) == cell_count:
                cells = [cell.replace("\n", " ") for cell in quoted]
        lines[index] = CELL_MARK.join(cells)
    return Block("\n".join(lines).encode(), block.first_row)


def _misfit(number: int, text: str, layout: Layout, separator: str) -> BadRow:
    found = len(text.split(separator))
    return BadRow(
        number,
        f"the line has {found} cells where the header has {len(layout.header)}",
        f"Remove the {SEPARATORS[layout.separator]} or line break in the cell that splits the line, and export again.",
        text.replace(CELL_MARK, ";"),
    )
