"""The FEC in XML (article A47 A-1 of the Livre des procédures fiscales, schema formatA47A-I-VII-1.xsd).

``comptabilite`` holds ``exercice``, which holds ``journal``, ``ecriture`` and ``ligne``, each with the law's fields as
elements; here also as attributes, in any case, and in elements of other names between them. A ``ligne`` is a record,
and so is an ``ecriture`` that holds none. What an outer element says holds for the records in it, save accounts and
amounts, which are a record's own. Amounts are ``Debit`` or ``Credit``, or ``Montant`` and ``Sens``, record by record.

Read with expat, as a stream: it never opens anything else, and no tree is kept. Its line numbers are exact, where
libxml2 only estimates them beyond line 65,535. A file is read twice: first to count its records and to see whether
several stand on one line, when they are numbered instead.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Final, NoReturn
from xml.parsers import expat
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.formats.columns import texts
from ingestion.formats.ledger import (
    AMOUNT_COLUMNS,
    DATE_COLUMNS,
    FIELDS,
    RECOGNISED_FIELDS,
    Converted,
    Totals,
    canonical,
    cell_type,
    explained,
    folded,
    set_aside,
    typed,
)
from ingestion.formats.values import read_date
from ingestion.reading import BadRow, FileRefusedError, Head, Reading, Sink, UnreadableError

ROOT: Final = "comptabilite"
ENTRY: Final = "ecriture"
LINE: Final = "ligne"
CLOSING_DATE: Final = "closing_date"
COLUMNS: Final = {**FIELDS, "datecloture": CLOSING_DATE}
OWN: Final = frozenset(
    {"account_code", "account_name", "debit", "credit", "amount", "side", "amount_currency"}
)
"""What a record says itself or not at all: an amount that an entry states is not that of each of its lines."""

TITLES: Final = {
    "entry_date": "EcritureDate",
    "account_code": "CompteNum",
    "amount": "Montant",
    "side": "Sens",
}
"""The law's names of the fields that a record needs, for files that never name them."""

SIDED: Final = ("amount", "side")
UNSIDED: Final = ("debit", "credit")
CELLS: Final = tuple(name for name in dict.fromkeys(FIELDS.values()) if name not in SIDED + UNSIDED)

TAG: Final = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")
BREAK: Final = re.compile(r"\s*[\r\n\t]\s*")
MOMENT: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T[0-9:.]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})?")
EXPONENT: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?[eE][+-]?[0-9]{1,2}")

CHUNK_BYTES: Final = 1 << 20
BATCH: Final = 20_000
DEEPEST: Final = 100
LONGEST: Final = 8 << 20
"""Bytes of one tag, or characters of one value: more is no ledger, and would have to be held in memory."""

EXPORT_AGAIN: Final = "Export it again."

Fault = tuple[str, str]
"""A reason and its remedy."""


class FecXmlReader:
    """Reads a FEC in XML into ``ledger_lines``."""

    kind = "ledger"
    tables = ("ledger_lines",)

    def recognise(self, head: Head) -> bool:
        """Whether the file begins as an XML document with the law's root, or with five of its fields."""
        start = head.text.lstrip("\ufeff \t\r\n")
        if not start.startswith("<"):
            return False
        names = {folded(name) for name in set(TAG.findall(start))}
        return ROOT in names or len(names & FIELDS.keys()) >= RECOGNISED_FIELDS

    def read(self, path: Path, head: Head, sha256: str, sink: Sink) -> Reading:
        """Land every readable line.

        Raises ``FileRefusedError`` when the XML is broken, has a document type, holds no line, or says of an entry
        what comes too late for its lines.
        """
        del head
        outline = _Outline()
        encoding = _parse(path, _Walk(outline.count))
        if not outline.record_count:
            raise FileRefusedError(
                "it is a FEC in XML without a ledger line", "Export the fiscal year again, with its entries."
            )
        lines = _Lines(sha256, sink, is_numbered=outline.shares_lines)
        _parse(path, lines.walk, with_text=True)
        lines.hand_over()
        dialect = ["fec-xml", encoding, " and ".join(lines.amounts)]
        if outline.shares_lines:
            dialect.append("source_row counts records")
        reading = lines.totals.reading(";".join(dialect))
        return replace(reading, rows_read=outline.record_count, closing_date=lines.walk.closing_date)


READER: Final = FecXmlReader()


@dataclass(slots=True)
class _Scope:
    """An open element that is no field: what it and those around it say of the records in it."""

    kind: str
    line: int
    values: dict[str, str]
    faults: tuple[Fault, ...]
    named: set[str]
    holds_records: bool = False


class _Walk:
    """Follows the tags of a file, and gives each record: its line, its values by column, its faults."""

    def __init__(self, take: Callable[[int, dict[str, str], tuple[Fault, ...]], None]) -> None:
        self._take = take
        self._scopes = [_Scope("", 0, {}, (), set())]
        self._field: tuple[str, str] | None = None
        self._elements_in_field = 0
        self._text: list[str] = []
        self._text_length = 0
        self._closing_dates: set[str] = set()
        self.titles = dict(TITLES)

    @property
    def closing_date(self) -> date | None:
        """The DateCloture of the file, when it has one that is a date."""
        try:
            return read_date(*self._closing_dates) if len(self._closing_dates) == 1 else None
        except UnreadableError:
            return None

    def start(self, tag: str, attributes: Mapping[str, str], line: int) -> None:
        """An element begins on that line."""
        if self._field:
            self._elements_in_field += 1
            if self._elements_in_field == 1:
                self._fault(f"{self._field[1]} holds elements where its value belongs")
            return
        name, key = _names(tag)
        if column := COLUMNS.get(key):
            self._field = column, name
        else:
            if len(self._scopes) > DEEPEST:
                raise FileRefusedError(f"its XML is nested too deeply at line {line}", EXPORT_AGAIN)
            outer = self._scopes[-1]
            values = {column: value for column, value in outer.values.items() if column not in OWN}
            self._scopes.append(_Scope(key, line, values, outer.faults, set()))
        for attribute, value in attributes.items():
            name, key = _names(attribute)
            if column := COLUMNS.get(key):
                self._give(column, name, value, line)

    def text(self, text: str, line: int) -> None:
        """Text stands there; between fields it means nothing."""
        if self._field:
            self._text.append(text)
            self._text_length += len(text)
            if self._text_length > LONGEST:
                raise FileRefusedError(f"its XML holds an endless value at line {line}", EXPORT_AGAIN)

    def end(self, line: int) -> None:
        """The innermost element ends."""
        if self._elements_in_field:
            self._elements_in_field -= 1
        elif self._field:
            column, name = self._field
            self._give(column, name, "".join(self._text), line)
            self._field = None
            self._text.clear()
            self._text_length = 0
        else:
            scope = self._scopes.pop()
            if scope.kind == LINE or (scope.kind == ENTRY and not scope.holds_records):
                for outer in self._scopes:
                    outer.holds_records = True
                self._take(scope.line, scope.values, scope.faults)

    def _give(self, column: str, name: str, text: str, line: int) -> None:
        text = text.strip()
        if not text:
            return
        value = _plain(column, BREAK.sub(" ", text))
        if column == CLOSING_DATE:
            self._closing_dates.add(value)
            return
        scope = self._scopes[-1]
        if scope.holds_records and column not in OWN:
            raise FileRefusedError(
                f"{name} at line {line} stands after the lines that it belongs to",
                "Export it again in the order of the law's schema: what an entry says comes before its lines.",
            )
        if column in scope.named and scope.values[column] != value:
            self._fault(f"{name} is given twice: “{scope.values[column]}” and “{value}”")
            return
        scope.named.add(column)
        scope.values[column] = value
        self.titles[column] = name

    def _fault(self, reason: str) -> None:
        self._scopes[-1].faults += ((reason, "Correct the record in the source, and export again."),)


class _Outline:
    """How many records a file holds, and whether several begin on one line."""

    def __init__(self) -> None:
        self.record_count = 0
        self.shares_lines = False
        self._last_line = 0

    def count(self, line: int, _values: object, _faults: object) -> None:
        """Count a record that begins on that line."""
        self.record_count += 1
        self.shares_lines |= line <= self._last_line
        self._last_line = line


class _Lines:
    """Types the records of a file batch by batch, and hands them on."""

    def __init__(self, sha256: str, sink: Sink, *, is_numbered: bool) -> None:
        self._sha256 = sha256
        self._sink = sink
        self._is_numbered = is_numbered
        self._count = 0
        self._records: dict[bool, list[tuple[int, dict[str, str]]]] = {False: [], True: []}
        self._bad: list[BadRow] = []
        self.amounts: dict[str, None] = {}
        self.totals = Totals()
        self.walk = _Walk(self._take)

    def hand_over(self) -> None:
        """Type what is waiting and pass it to the sink."""
        for has_sides, records in self._records.items():
            if records:
                self.amounts["montant-sens" if has_sides else "debit-credit"] = None
                self.totals.take(self._converted(records, has_sides=has_sides), self._sink)
                records.clear()
        self._sink.quarantine(self._bad)
        self._bad.clear()

    def _take(self, line: int, values: dict[str, str], faults: tuple[Fault, ...]) -> None:
        self._count += 1
        number = self._count if self._is_numbered else line
        if faults:
            self._bad.append(set_aside(number, self._raw(values), faults))
        else:
            has_sides = not values.keys() & set(UNSIDED) and bool(values.keys() & set(SIDED))
            self._records[has_sides].append((number, values))
        if self._count % BATCH == 0:
            self.hand_over()

    def _converted(self, records: list[tuple[int, dict[str, str]]], *, has_sides: bool) -> Converted:
        cells = {
            name: texts(
                pa.array([values.get(name) for _, values in records], pa.string()).cast(cell_type(name))
            )
            for name in (*CELLS, *(SIDED if has_sides else UNSIDED))
        }
        rows, is_bad = typed(cells, has_sides=has_sides)
        bad = [
            explained(
                records[index][0],
                self._raw(records[index][1]),
                {name: column[index].as_py() for name, column in cells.items()},
                self.walk.titles.__getitem__,
                has_sides=has_sides,
            )
            for index in pc.indices_nonzero(is_bad).to_pylist()
        ]
        is_good = pc.invert(is_bad)
        numbers = pa.array([number for number, _ in records], pa.int64()).filter(is_good)
        return Converted(canonical(rows.filter(is_good), numbers, self._sha256), bad, len(records))

    def _raw(self, values: Mapping[str, str]) -> str:
        """The record with what it inherits, in the file's own names."""
        cells = (
            f"<{self.walk.titles[name]}>{escape(value)}</{self.walk.titles[name]}>"
            for name, value in values.items()
        )
        return f"<{LINE}>{''.join(cells)}</{LINE}>"


@lru_cache(maxsize=1024)
def _names(tag: str) -> tuple[str, str]:
    """The name of an element or attribute without its prefix, as written and folded."""
    local = tag.rpartition(":")[2]
    return local, folded(local)


def _plain(column: str, text: str) -> str:
    """A value of XML Schema as a text FEC writes it: a day without time and zone, an amount without exponent."""
    if column in DATE_COLUMNS or column == CLOSING_DATE:
        return match[1] if (match := MOMENT.fullmatch(text)) else text
    if column in AMOUNT_COLUMNS and EXPONENT.fullmatch(text):
        return f"{Decimal(text):f}"
    return text


def _parse(path: Path, walk: _Walk, *, with_text: bool = False) -> str:
    """Send the elements of a file along, and their text if wanted; returns the encoding that the file declares."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    declared: list[str] = []
    with path.open("rb") as file:
        chunk = file.read(CHUNK_BYTES)
        # Templates leave blank lines before the declaration, which XML forbids.
        document = chunk.lstrip(b" \t\r\n")
        lines_before = len((chunk[: len(chunk) - len(document)] + b".").splitlines()) - 1
        parser.XmlDeclHandler = lambda _version, encoding, _standalone: declared.append(encoding or "")
        parser.StartDoctypeDeclHandler = _refuse_document_type
        parser.StartElementHandler = lambda tag, attributes: walk.start(
            tag, attributes, parser.CurrentLineNumber + lines_before
        )
        parser.EndElementHandler = lambda _tag: walk.end(parser.CurrentLineNumber + lines_before)
        if with_text:
            parser.CharacterDataHandler = lambda text: walk.text(
                text, parser.CurrentLineNumber + lines_before
            )
        try:
            declaration_end = document.find(b">") + 1
            # In UTF-16 a zero may belong to the sign.
            declaration_end += document[declaration_end : declaration_end + 1] == b"\0"
            _parse_declaration(parser, document[:declaration_end])
            parser.Parse(document[declaration_end:])
            while chunk := file.read(CHUNK_BYTES):
                parser.Parse(chunk)
                if file.tell() - parser.CurrentByteIndex > LONGEST:
                    raise FileRefusedError(
                        f"its XML has an endless tag at line {parser.CurrentLineNumber + lines_before}",
                        EXPORT_AGAIN,
                    )
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise FileRefusedError(
                f"its XML is broken at line {error.lineno + lines_before}: {expat.ErrorString(error.code)}",
                EXPORT_AGAIN,
            ) from None
    return (declared[0] if declared else "").lower() or "utf-8"


def _parse_declaration(parser: expat.XMLParserType, declaration: bytes) -> None:
    try:
        parser.Parse(declaration)
    except (LookupError, ValueError) as error:
        raise FileRefusedError(
            f"its XML declares an encoding that cannot be read ({error})", "Export it again in UTF-8."
        ) from None


def _refuse_document_type(*_: object) -> NoReturn:
    raise FileRefusedError(
        "its XML declares a document type, which no ledger export does", "Export it again without it."
    )
