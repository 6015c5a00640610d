"""XLSX workbooks as rows of text cells, once they are known to be harmless.

A workbook is a ZIP archive of XML. Before a library opens it, each part is inflated within limits (what the archive
says of itself may be false), and read by expat: a document type is refused, and so is a sheet whose cells span more
than can be held, for the library makes a full rectangle of them.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from ingestion.reading import FileRefusedError

MOST_PARTS: Final = 2_000
MOST_BYTES: Final = 256 << 20
"""Inflated, all parts together: a sheet of about 300,000 rows and 15 columns."""

MOST_INFLATION: Final = 200
"""Inflated bytes per packed one beyond the first ``FREE_BYTES``; XML of sheets packs to a tenth or twentieth."""

FREE_BYTES: Final = 16 << 20
MOST_CELLS: Final = 12_000_000
"""Cells of the rectangle that a sheet spans, empty ones included: the library takes about 32 bytes for each."""

CHUNK: Final = 1 << 20
WORKBOOK: Final = "xl/workbook.xml"
DIGITS: Final = "0123456789"
LONGEST_COLUMN: Final = 8
"""Letters of a column's name; sheets end at XFD."""

SAVE_AGAIN: Final = "Save the sheet again, or save it as CSV, and drop that."


class Workbook:
    """An open workbook: its sheets by name, and their rows as text."""

    def __init__(self, path: Path) -> None:
        """Raises ``FileRefusedError`` when the archive is broken, or made to do harm."""
        _check(path)
        self._opened: dict[str, CalamineSheet] = {}
        try:
            self._workbook = CalamineWorkbook.from_path(str(path))
        except (CalamineError, OSError, ValueError):
            raise FileRefusedError(
                "the workbook is broken: its parts do not fit together", SAVE_AGAIN
            ) from None

    @property
    def sheets(self) -> tuple[str, ...]:
        """The names of its sheets, in order."""
        return tuple(self._workbook.sheet_names)

    def rows(self, sheet: str, decimal_mark: str) -> Iterator[tuple[int, list[str]]]:
        """Number (1 = first row of the sheet) and cells of each row.

        Numbers are written as short as they can be without a change, with the mark given before decimals; dates as in
        ISO 8601.
        """
        try:
            found = self._opened.get(sheet) or self._workbook.get_sheet_by_name(sheet)
            self._opened[sheet] = found
            # The library leaves out empty columns at the left, and keeps empty rows above.
            margin = [""] * (found.start[1] if found.start else 0)
            for number, cells in enumerate(found.iter_rows(), 1):
                yield number, [*margin, *(_text(cell, decimal_mark) for cell in cells)]
        except (CalamineError, ValueError):
            raise FileRefusedError(f"its sheet {sheet} is broken", SAVE_AGAIN) from None


def is_workbook(path: Path) -> bool:
    """Whether the file is a ZIP archive that holds a workbook of the Office Open XML kind."""
    try:
        with zipfile.ZipFile(path) as archive:
            return WORKBOOK in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def _text(cell: Any, decimal_mark: str) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        text = format(Decimal(repr(cell)), "f")
        whole, _, fraction = text.partition(".")
        return f"{whole}{decimal_mark}{fraction}" if fraction.strip("0") else whole
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, timedelta) else ""


def _check(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS:
                raise FileRefusedError(
                    f"the workbook has {len(parts)} parts, which no sheet needs", SAVE_AGAIN
                )
            _Budget(path.stat().st_size).spend(sum(part.file_size for part in parts))
            budget = _Budget(path.stat().st_size)
            for part in parts:
                if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise FileRefusedError(
                        "the workbook is packed in a way that no office program packs", SAVE_AGAIN
                    )
                _check_part(archive, part, budget)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, OSError, EOFError, ValueError):
        raise FileRefusedError("the workbook is broken: a part of it does not unpack", SAVE_AGAIN) from None
    except (NotImplementedError, RuntimeError):
        raise FileRefusedError(
            "the workbook is packed or locked in a way that is not read", SAVE_AGAIN
        ) from None


class _Budget:
    """How much may still be inflated."""

    def __init__(self, packed_bytes: int) -> None:
        self._left = min(MOST_BYTES, max(FREE_BYTES, MOST_INFLATION * packed_bytes))

    def spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise FileRefusedError("the workbook inflates to more than any sheet holds", SAVE_AGAIN)


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, budget: _Budget) -> None:
    is_xml = part.filename.lower().endswith((".xml", ".rels"))
    span = _Span()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_document_type
    if re.match(r"xl/worksheets/", part.filename, re.IGNORECASE):
        parser.StartElementHandler = span.start
    with archive.open(part) as content:
        while chunk := content.read(CHUNK):
            budget.spend(len(chunk))
            if is_xml:
                _feed(parser, chunk, part.filename)
    if is_xml:
        _feed(parser, b"", part.filename, is_last=True)


def _feed(parser: Any, chunk: bytes, name: str, *, is_last: bool = False) -> None:
    try:
        parser.Parse(chunk, is_last)
    except expat.ExpatError as error:
        raise FileRefusedError(f"its part {name} is broken XML ({error})", SAVE_AGAIN) from None


def _refuse_document_type(*_: Any) -> None:
    raise FileRefusedError("its XML declares a document type, which no workbook does", SAVE_AGAIN)


class _Span:
    """The rectangle that the cells of a sheet span, as its tags say."""

    def __init__(self) -> None:
        self._rows = 0
        self._columns = 0
        self._row = 0
        self._column = 0
        self._numbers: dict[str, int] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Follow a tag. Raises ``FileRefusedError`` when the rectangle is more than can be held."""
        if name == "c" or name.endswith(":c"):
            place = attributes.get("r", "")
            letters = place.rstrip(DIGITS)
            if letters and letters != place:
                self._row = int(place[len(letters) :])
                self._column = self._numbers.get(letters) or self._number(letters)
            else:
                self._column += 1
            if self._row > self._rows or self._column > self._columns:
                self._widen()
        elif name == "row" or name.endswith(":row"):
            self._column = 0
            stated = attributes.get("r", "")
            self._row = int(stated) if stated.isdecimal() else self._row + 1

    def _number(self, letters: str) -> int:
        number = 0
        for letter in letters[:LONGEST_COLUMN]:
            number = number * 26 + ord(letter) - 64
        self._numbers[letters] = number
        return number

    def _widen(self) -> None:
        self._rows = max(self._rows, self._row)
        self._columns = max(self._columns, self._column)
        if self._rows * self._columns > MOST_CELLS:
            raise FileRefusedError(
                f"a sheet spans {self._rows} rows and {self._columns} columns, more than can be held",
                SAVE_AGAIN,
            )
