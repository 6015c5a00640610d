"""Rows of text cells out of files: text with a delimiter, sheets, lines of fixed width, XML records.

Here: where rows and cells stand. Not here: what a column means.
"""

import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from home.mapping import FIXED_PLACE, Place
from ingestion.formats.text import Encoding, blocks, find_encoding
from ingestion.mapping.workbook import Workbook
from ingestion.reading import FileRefusedError

DELIMITERS: Final = {";": "semicolon", "\t": "tab", ",": "comma", "|": "pipe"}

CHUNK: Final = 1 << 20
DEEPEST: Final = 100
LONGEST: Final = 1 << 20
"""Characters of a row or a value, or bytes without a tag's end: more is no record."""

EXPORT_AGAIN: Final = "Export it again."


class Row(NamedTuple):
    """A row: the physical line (or the sheet's row) on which it starts, its text as it stands, and its cells."""

    number: int
    raw: str
    cells: list[str]


class Table(Protocol):
    """Something that holds rows."""

    @property
    def description(self) -> tuple[str, ...]:
        """How it is written, for the dialect of the file."""

    def rows(self) -> Iterator[Row]:
        """The rows from the beginning; empty ones may be left out.

        Raises ``FileRefusedError`` when the file is no such table.
        """


class TextFile:
    """A text file whose encoding is looked for once."""

    def __init__(self, path: Path, head: bytes) -> None:
        self.path = path
        self._head = head
        self._encoding: Encoding | None = None

    def encoding(self, codec: str = "") -> Encoding:
        """The encoding found, or the one that is named."""
        self._encoding = self._encoding or find_encoding(self.path, self._head)
        if not codec:
            return self._encoding
        return replace(self._encoding, codec=codec, name=codec, is_utf8=False)


class Delimited:
    """Text with a delimiter between cells, which may be quoted."""

    def __init__(self, file: TextFile, delimiter: str, codec: str) -> None:
        self._file = file
        self.delimiter = delimiter
        self._codec = codec

    @property
    def description(self) -> tuple[str, ...]:
        """Delimiter, encoding, line ends."""
        encoding = self._file.encoding(self._codec)
        return (
            DELIMITERS.get(self.delimiter, f"“{self.delimiter}”"),
            encoding.name,
            encoding.line_end,
        )

    def rows(self) -> Iterator[Row]:
        """The rows that are not empty lines."""
        return self._rows(self._lines())

    def beginning(self, text: str) -> Iterator[Row]:
        """The rows of the text that the file begins with."""
        lines = text.replace("\r\n", "\n")
        lines = lines.replace("\r", " ") if "\n" in lines else lines.replace("\r", "\n")
        return self._rows(enumerate((f"{line}\n" for line in lines.split("\n")), 1))

    def _rows(self, lines: Iterable[tuple[int, str]]) -> Iterator[Row]:
        taken: list[tuple[int, str]] = []

        def remembered() -> Iterator[str]:
            for line in lines:
                taken.append(line)
                yield line[1]

        try:
            for cells in csv.reader(remembered(), delimiter=self.delimiter):
                number, raw = taken[0]
                if len(taken) > 1:
                    raw = "".join(line for _, line in taken)
                taken.clear()
                if cells:
                    yield Row(number, raw, cells)
        except csv.Error:
            number = taken[0][0] if taken else 1
            raise FileRefusedError(
                f"a quote that opens on line {number} is never closed",
                "Remove the quote, or export the file again.",
            ) from None

    def _lines(self) -> Iterator[tuple[int, str]]:
        for block in blocks(self._file.path, self._file.encoding(self._codec)):
            lines = block.without_returns().data.decode().split("\n")
            lines.pop()
            if (longest := max(map(len, lines), default=0)) > LONGEST:
                number = next(
                    number for number, line in enumerate(lines, block.first_row) if len(line) == longest
                )
                raise FileRefusedError(f"line {number} is longer than any row of a table", EXPORT_AGAIN)
            yield from zip(count(block.first_row), [f"{line}\n" for line in lines], strict=False)


class Sheet:
    """A sheet of a workbook."""

    def __init__(self, workbook: Workbook, name: str, decimal_mark: str) -> None:
        self._workbook = workbook
        self.name = name
        self._decimal_mark = decimal_mark

    @property
    def description(self) -> tuple[str, ...]:
        """That it is a sheet, and its name."""
        return ("xlsx", f"sheet {self.name}")

    def rows(self) -> Iterator[Row]:
        """The rows that hold anything."""
        for number, cells in self._workbook.rows(self.name, self._decimal_mark):
            if any(cells):
                yield Row(number, ";".join(cells), cells)


class FixedWidth:
    """Lines of fixed width. Each cell of a row is one of ``places``, of the line itself or of the last line before it
    that begins with the place's own record."""

    def __init__(self, file: TextFile, codec: str, record: str, places: Sequence[Place]) -> None:
        self._file = file
        self._codec = codec
        self._record = record
        matches = [FIXED_PLACE.fullmatch(str(place)) for place in places]
        self._places = [
            (match["record"] or record, int(match["start"]) - 1, int(match["end"]))
            for match in matches
            if match
        ]

    @property
    def description(self) -> tuple[str, ...]:
        """That it is of fixed width, and its encoding."""
        encoding = self._file.encoding(self._codec)
        return ("fixed width", encoding.name, encoding.line_end)

    def rows(self) -> Iterator[Row]:
        """The lines that begin with the record."""
        latest: dict[str, str] = {}
        records = sorted({name for name, _, _ in self._places}, key=len, reverse=True)
        for block in blocks(self._file.path, self._file.encoding(self._codec)):
            lines = block.without_returns().data.decode().split("\n")
            for number, line in enumerate(lines[:-1], block.first_row):
                record = next((name for name in records if line.startswith(name)), None)
                if record is None:
                    continue
                latest[record] = line
                if record == self._record:
                    yield Row(
                        number, line, [latest.get(name, "")[start:end] for name, start, end in self._places]
                    )


class XmlRecords:
    """Elements of an XML file. Each cell of a row is an attribute or a child element's text of the record itself, or of
    the element around it that the place names."""

    def __init__(self, path: Path, record: str, places: Sequence[Place]) -> None:
        self._path = path
        self._record = record
        self._places = [
            (outer or record, name) for outer, _, name in (str(place).rpartition(" ") for place in places)
        ]

    @property
    def description(self) -> tuple[str, ...]:
        """That it is XML."""
        return ("xml",)

    def rows(self) -> Iterator[Row]:
        """The records, in the order in which they end."""
        found: deque[Row] = deque()
        walk = _Walk(self._record, self._places, found.append)
        with self._path.open("rb") as file:
            while True:
                chunk = file.read(CHUNK)
                try:
                    walk.parse(chunk, is_last=not chunk)
                except expat.ExpatError as error:
                    raise FileRefusedError(
                        f"its XML is broken at line {error.lineno}: {expat.ErrorString(error.code)}",
                        EXPORT_AGAIN,
                    ) from None
                except (LookupError, ValueError) as error:
                    raise FileRefusedError(
                        f"its XML declares an encoding that cannot be read ({error})",
                        "Export it again in UTF-8.",
                    ) from None
                while found:
                    yield found.popleft()
                if not chunk:
                    return


class _Walk:
    """Follows the tags of a file: what the open elements say, by attribute and by child."""

    def __init__(self, record: str, places: Sequence[tuple[str, str]], take: Callable[[Row], None]) -> None:
        self._record = record
        self._places = places
        self._take = take
        self._open: list[tuple[str, int, dict[str, str]]] = []
        self._text: list[str] = []
        self._length = 0
        self._parsed = self._last_tag = 0
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_document_type
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        self._parser: Any = parser

    def parse(self, chunk: bytes, *, is_last: bool) -> None:
        self._parser.Parse(chunk, is_last)
        self._parsed += len(chunk)
        if self._parsed - self._last_tag > LONGEST + len(chunk):
            raise FileRefusedError(
                f"it holds an endless tag on line {self._parser.CurrentLineNumber}", EXPORT_AGAIN
            )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= DEEPEST:
            raise FileRefusedError(
                f"its XML is nested too deeply on line {self._parser.CurrentLineNumber}", EXPORT_AGAIN
            )
        self._last_tag = self._parser.CurrentByteIndex
        self._open.append((name.rpartition(":")[2], self._parser.CurrentLineNumber, attributes))
        self._text.clear()
        self._length = 0

    def _data(self, text: str) -> None:
        self._length += len(text)
        if self._length > LONGEST:
            raise FileRefusedError(
                f"it holds an endless value on line {self._parser.CurrentLineNumber}", EXPORT_AGAIN
            )
        self._text.append(text)

    def _end(self, _: str) -> None:
        self._last_tag = self._parser.CurrentByteIndex
        name, line, values = self._open.pop()
        text = "".join(self._text).strip()
        self._text.clear()
        self._length = 0
        if text and self._open:
            self._open[-1][2].setdefault(name, text)
        if name == self._record:
            said = {outer: content for outer, _, content in self._open} | {name: values}
            cells = [said.get(outer, {}).get(key, "") for outer, key in self._places]
            raw = " ".join([name, *(f"{key}={quoteattr(value)}" for key, value in values.items())])
            self._take(Row(line, f"<{raw}/>", cells))


def _refuse_document_type(*_: Any) -> None:
    raise FileRefusedError("its XML declares a document type, which no export does", EXPORT_AGAIN)


def joined(rows: Sequence[Sequence[str]]) -> str:
    """Rows as text, cells joined by ; and rows by line ends: what the patterns of mappings are searched in."""
    return "\n".join(";".join(cells) for cells in rows)
