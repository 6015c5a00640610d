"""MT940 and MT942, the account statement and the report of movements in SWIFT's text form, as columns.

The file is read twice: first for what each statement says of itself, so that one which lacks its end is known before
any of its entries lands, then for its entries. A page of a statement (``:60M:`` to ``:62M:``) lands as a statement of
its own; pages chain by their balances. Fields are those of SWIFT's Category 9 standards: ``:61:`` is value date, entry
date, mark, funds code, amount, type, references, and details of its own in the next line; ``:86:`` has a module of its
own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from stdnum import iban

from ingestion.formats.mt940_information import LINE, NOTHING, read_information, unfolded
from ingestion.formats.statements import (
    REPORT,
    STATEMENT,
    UNIT_DECIMALS,
    Balance,
    Heading,
    StatementFile,
    decimal_of,
    movement_table,
)
from ingestion.formats.text import LONGEST_LINE_BYTES, Encoding, blocks, find_encoding
from ingestion.formats.values import read_amount
from ingestion.reading import BadRow, FileRefusedError, Head, Reading, Sink, UnreadableError

FIELD: Final = re.compile(
    r"(?:\A[\ufeff\s\x01]*|[\r\n]):(?:20|25P?|28C?|34F|60[FM]?|61|62[FM]?|64|65|86|NS|90[CD]|13D?):"
)
ENTRY: Final = re.compile(
    r"(\d{6})(\d{4}| {4}|)([REre]?[CDcd])([A-Z]?)\s*([0-9][0-9.,]*) *"
    r"([A-Z][A-Z0-9 ]{3}|(?= *(?:/|\n|\Z)))([^\n]*)\n?(.*)",
    re.DOTALL,
)
"""The amount ends where the kind of transaction, the reference or the line does: else it is no amount."""
BALANCE: Final = re.compile(r"([CD])([0-9]{6})([A-Z]{3}|)\s*([0-9][0-9.,]*)")
COUNT: Final = re.compile(r"([0-9]{1,5})([A-Z]{3})([0-9][0-9.,]*)")
MOMENT: Final = re.compile(r"([0-9]{6})([0-9]{2})([0-9]{2})(?:([+-])([0-9]{2})([0-9]{2}))?")
POINT_ALONE: Final = re.compile(r"[0-9]+\.[0-9]{3}")
CURRENCY_BEHIND: Final = re.compile(r"(.*[0-9])\s*/?\s*([A-Z]{3})")
ORIGINAL: Final = re.compile(r"/OCMT/([A-Z]{3})([0-9][0-9.,]*)")
BANK_CODE: Final = re.compile(r"/TRCD/([A-Z0-9]+)/?")
"""The bank's own code of the transaction, which ING writes beneath the entry."""
ACCOUNT_NUMBER: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
CURRENCY: Final = re.compile("[A-Z]{3}")
SUPPLEMENTED_NAMES: Final = frozenset({"15", "16"})

OPENING_TAGS: Final = frozenset({"25", "25P", "28", "28C", "60F", "60M", "60"})
ENTRY_TAGS: Final = frozenset({"61", "86", "NS"})
CLOSING_TAGS: Final = frozenset({"62F", "62M", "62"})
CLOCK_TAGS: Final = frozenset({"13", "20", "21", "25", "28"})
"""Tags that are hours or minutes too: a time of day may be broken before a colon, in the middle of an information."""
TAGS: Final = OPENING_TAGS | ENTRY_TAGS | CLOCK_TAGS | CLOSING_TAGS | {"13D", "34F", "64", "65", "90D", "90C"}
SECONDS: Final = re.compile(r"[0-9]{2}:[0-9]{2}(?![0-9])")
END: Final = "-"
END_MARK: Final = re.compile(r"\n(?:-\s*(?:[}\x00-\x08]|\n|\Z)|\{[1-5]:)")
OUTLINE: Final = re.compile(
    r"\n(?::(13D?|2[01]|25P?|28C?|34F|6[02][FM]?|6[45]|90[CD]):|(?=-\s*(?:[}\x00-\x08]|\n|\Z)|\{[1-5]:))"
)
"""A field that is no entry's, or else an end mark."""

NO_REFERENCE: Final = frozenset(
    {"NONREF", "NOREF", "NOTPROVIDED", "EREF", "KREF", "KREF+", "MARF", "PREF", "UNKNOWN"}
)
"""What stands in the place of a reference where there is none, or where :86: has it."""

COLUMNS: Final = (
    "source_row",
    "statement_ordinal",
    "entry_ordinal",
    "bank_entry_reference",
    "booking_date",
    "value_date",
    "amount",
    "currency_code",
    "is_reversal",
    "bank_transaction_code",
    "proprietary_code",
    "remittance_text",
    "structured_reference",
    "end_to_end_id",
    "mandate_id",
    "counterparty_name",
    "counterparty_iban",
    "ultimate_counterparty_name",
    "return_reason",
    "original_amount",
    "original_currency_code",
)
BATCH: Final = 5000
LONGEST_AMOUNT: Final = 25
CENTURY_FROM: Final = 80
"""Years of two digits from 80 on are of the twentieth century."""

AGAIN: Final = "Ask the bank for the file again."
STRAY_ENTRY: Final = UnreadableError("the entry stands outside a statement: no :20: opens it", AGAIN)
STRAY_CLOSING: Final = UnreadableError("the closing balance stands outside a statement", AGAIN)
STRAY_INFORMATION: Final = UnreadableError("the information (:86:) follows no entry (:61:)", AGAIN)


class Field(NamedTuple):
    """A field: the line on which it begins, its tag without colons, and what follows."""

    row: int
    tag: str
    value: str


@dataclass
class Message:
    """A statement or report of the outline. ``fields`` holds what it says of itself, the first field of each tag."""

    row: int
    fields: dict[str, Field] = field(default_factory=dict)

    @property
    def opening(self) -> Field | None:
        """The opening balance, final or intermediate."""
        return self._first("60F", "60M", "60")

    @property
    def closing(self) -> Field | None:
        """The closing balance, final or intermediate."""
        return self._first("62F", "62M", "62")

    @property
    def is_report(self) -> bool:
        """Whether it is an MT942: it has no balances, but a floor limit, a moment or counts."""
        return not (self.opening or self.closing) and bool(self._first("34F", "13D", "13", "90D", "90C"))

    @property
    def is_whole(self) -> bool:
        """Whether nothing of it can be missing."""
        if self.is_report:
            return bool(self._first(END, "90D", "90C"))
        return bool(self.closing)

    def _first(self, *tags: str) -> Field | None:
        return next((self.fields[tag] for tag in tags if tag in self.fields), None)


@dataclass(slots=True)
class _Entry:
    """An entry in the making: its field :61:, and what follows it."""

    row: int
    value: str
    information: str = ""
    supplement: str = ""

    @property
    def raw(self) -> str:
        """The entry as it stands in the file."""
        more = (("86", self.information), ("NS", self.supplement))
        return "\n".join([f":61:{self.value}", *(f":{tag}:{value}" for tag, value in more if value)])


@dataclass
class _Statement:
    """A statement whose entries are being read, or why they cannot land."""

    number: int
    heading: Heading | UnreadableError
    ordinal: int = 0
    currency: str = ""
    fallback_day: date | None = None
    is_report: bool = False
    entry_count: int = 0
    is_closed: bool = False
    booked: dict[str, list[int]] = field(default_factory=lambda: {"90D": [0, 0], "90C": [0, 0]})


class SwiftStatementReader:
    """Reads MT940 and MT942 into ``bank_transactions`` and ``bank_statements``."""

    kind = "bank_statement"
    tables = ("bank_transactions", "bank_statements")

    def recognise(self, head: Head) -> bool:
        """Whether a line of the file's beginning is a field of MT940 or MT942."""
        return bool(FIELD.search(head.text))

    def read(self, path: Path, head: Head, sha256: str, sink: Sink) -> Reading:
        """Land the entries of every statement that is whole.

        Raises ``FileRefusedError`` when the file ends within a statement.
        """
        file = _File(path, find_encoding(path, head.raw), StatementFile(sha256, sink))
        file.outline()
        file.land()
        return file.reading()


READER: Final = SwiftStatementReader()


class _Numbering:
    """In which statement a field stands, by its number from 0; -1: in none.

    A statement begins with ``:20:``, or where some banks leave that out, with the account, number or opening balance
    that follows a closing balance. It ends at its end mark.
    """

    def __init__(self) -> None:
        self._count = 0
        self._is_open = self._is_closed = False

    def of(self, tag: str) -> int:
        """The number of the statement of the next field that is no entry's, or that ends with an end mark."""
        if tag == "20" or (tag in OPENING_TAGS and (self._is_closed or not self._is_open)):
            self._count += 1
            self._is_open, self._is_closed = True, False
        elif tag in CLOSING_TAGS:
            self._is_closed = True
        number = self._count - 1 if self._is_open else -1
        if tag == END:
            self._is_open = False
        return number


def _outline_fields(path: Path, encoding: Encoding) -> Iterator[Field]:
    """The fields that are no entry's, by their first lines, and the end marks."""
    for first_row, text in _chunks(path, encoding):
        row, at = first_row, 0
        for match in OUTLINE.finditer(text):
            tag, end = match[1] or END, match.end()
            row += text.count("\n", at, match.start() + 1)
            at = match.start() + 1
            if tag in CLOCK_TAGS and _is_clock(
                _line_before(text, match.start()), text[match.start() + 2 : end + 3]
            ):
                continue
            yield Field(row - 1, tag, text[end : text.find("\n", end)].strip())


def _fields(path: Path, encoding: Encoding) -> Iterator[tuple[int, str, str]]:
    """All fields with the line on which each begins, and the end marks."""
    for first_row, text in _chunks(path, encoding):
        before, *rest = text.split("\n:")
        row = first_row
        if END_MARK.search(before):
            yield row, END, ""
        tag, value = "", before
        for part in rest:
            found = part[:2] if part[2:3] == ":" else part[:3] if part[3:4] == ":" else ""
            if found not in TAGS or (found in CLOCK_TAGS and _is_clock(_last_line(tag, value), part)):
                value += f"\n:{part}"
                continue
            if not tag:
                row = first_row + value.count("\n")
            else:
                end = END_MARK.search(value) if "\n-" in value or "\n{" in value else None
                yield row, tag, value[: end.start()] if end else value
                if end:
                    yield row, END, ""
                row += value.count("\n") + 1
            tag, value = found, part[len(found) + 1 :]
        if tag:
            end = END_MARK.search(value)
            yield row, tag, value[: end.start()] if end else value
            if end:
                yield row, END, ""


def _chunks(path: Path, encoding: Encoding) -> Iterator[tuple[int, str]]:
    """The text in parts that end with a field, each after a line break and with the line on which it begins."""
    carry, row = "\n", 1
    for block in blocks(path, encoding):
        text = carry + block.data.decode().replace("\r\n", "\n")
        cut = max(text.rfind("\n:61:"), text.rfind("\n:62"))
        if cut > 0:
            yield row, text[:cut]
            row += text.count("\n", 0, cut)
            text = text[cut:]
        carry = text
        if len(carry) > LONGEST_LINE_BYTES:
            raise FileRefusedError(f"its field on line {row} is longer than 64 MB", AGAIN)
    yield row, carry


def _is_clock(line: str, part: str) -> bool:
    """Whether what looks like a field is a time of day that was broken at the margin of an information."""
    return len(line) > LINE - 5 and line[0] != ":" and bool(SECONDS.match(part))


def _line_before(text: str, end: int) -> str:
    line = text[text.rfind("\n", 0, end) + 1 : end]
    return line[4:] if line.startswith(":86:") else line


def _last_line(tag: str, value: str) -> str:
    line = value[value.rfind("\n") + 1 :]
    return line if tag == "86" or "\n" in value else f":{tag}:{line}"


class _File:
    """A file as it is read: its outline, and the entries on their way."""

    def __init__(self, path: Path, encoding: Encoding, file: StatementFile) -> None:
        self._path = path
        self._encoding = encoding
        self._file = file
        self._messages: list[Message] = []
        self._rows: list[tuple[Any, ...]] = []
        self._bad: list[BadRow] = []
        self._notes: list[str] = []
        self._expected = 0
        self._moved_days = 0

    def outline(self) -> None:
        """Find the statements and what each says of itself.

        Raises ``FileRefusedError`` when the last one does not end, or ends in the middle of its closing balance.
        """
        numbering = _Numbering()
        last = Field(1, "", "")
        for last in _outline_fields(self._path, self._encoding):
            number = numbering.of(last.tag)
            if number < 0:
                continue
            if number == len(self._messages):
                self._messages.append(Message(last.row))
            self._messages[number].fields.setdefault(last.tag, last)
        if not self._messages:
            return
        message = self._messages[-1]
        is_cut = last.tag in CLOSING_TAGS and not _ends_whole(last.value) and not _ends_with_line(self._path)
        if not message.is_whole or is_cut:
            missing = "its end" if message.is_report else "its closing balance (:62F:)"
            raise FileRefusedError(
                f"it ends in the middle of the statement that begins on line {message.row}: {missing} is missing",
                "Download it again, or ask the bank for it again.",
            )

    def land(self) -> None:
        """Land the entries of the statements that are whole, and set aside every one that cannot be read."""
        numbering, number = _Numbering(), -1
        current = self._begin(number)
        entry: _Entry | None = None
        for row, tag, value in _fields(self._path, self._encoding):
            if tag == "86" and entry:
                entry.information = f"{entry.information}\n{value}" if entry.information else value
                continue
            if tag == "NS" and entry:
                entry.supplement = value
                continue
            if entry:
                self._take(entry, current)
                entry = None
            if tag == "61":
                entry = _Entry(row, value)
            elif tag not in ENTRY_TAGS:
                number = numbering.of(tag)
                if number != current.number:
                    self._finish(current)
                    current = self._begin(number)
                if tag in CLOSING_TAGS:
                    current.is_closed = True
                    if number < 0:
                        self._set_aside(row, STRAY_CLOSING, f":{tag}:{value}")
                elif tag == END:
                    number = -1
                elif tag in OPENING_TAGS and current.entry_count and not current.is_closed:
                    problem = UnreadableError(f"the field :{tag}: stands among the entries", AGAIN)
                    self._set_aside(row, problem, f":{tag}:{value}")
            elif tag == "86" and number >= 0 and not current.is_closed:
                self._set_aside(row, STRAY_INFORMATION, f":86:{value}")
            if number < 0 and current.number >= 0:
                self._finish(current)
                current = self._begin(number)
        if entry:
            self._take(entry, current)
        self._finish(current)
        self._write()

    def reading(self) -> Reading:
        """The file's own entry in the manifest."""
        kinds = {"mt942" if message.is_report else "mt940" for message in self._messages}
        dialect = [*sorted(kinds), self._encoding.name, self._encoding.line_end]
        for count, said in (
            (self._expected, "entries not booked, left out"),
            (self._moved_days, "value dates of 29 to 31 February, taken for its last day"),
        ):
            if count:
                dialect.append(f"{said} {count}")
        return self._file.reading(";".join(dialect), self._notes)

    def _begin(self, number: int) -> _Statement:
        if number < 0:
            return _Statement(number, STRAY_ENTRY)
        message = self._messages[number]
        try:
            heading = self._heading(message)
        except UnreadableError as fault:
            reference = message.fields.get("20")
            self._set_aside(message.row, fault, f":20:{reference.value}" if reference else "")
            return _Statement(number, fault)
        balances = (heading.closing, heading.opening)
        day = next((one.day for one in balances if one and one.day), None)
        return _Statement(
            number,
            heading,
            ordinal=self._file.begin(heading, message.row),
            currency=heading.account_currency or "",
            fallback_day=day or (heading.created_at.date() if heading.created_at else None),
            is_report=message.is_report,
        )

    def _finish(self, statement: _Statement) -> None:
        """Note where a report lists other entries than it counts."""
        if not statement.is_report:
            return
        message = self._messages[statement.number]
        for tag, (count, total) in statement.booked.items():
            counted = tag in message.fields and COUNT.match(message.fields[tag].value)
            if counted and (int(counted[1]), _units_or_none(counted[3])) != (count, total):
                self._notes.append(
                    f"The report on line {message.row} counts {counted[1]} entries of {counted[3]} (:{tag}:), "
                    f"but lists {count} of {decimal_of(total):.2f}. Nothing was left out; ask the bank."
                )

    def _heading(self, message: Message) -> Heading:
        """Raises ``UnreadableError`` when the statement has no end, account or currency."""
        if not message.is_report and not message.closing:
            raise UnreadableError(
                f"the statement that begins on line {message.row} has no closing balance (:62F:): "
                "entries may be missing",
                AGAIN,
            )
        opening, closing = self._balance(message.opening), self._balance(message.closing)
        fields = message.fields
        named = fields.get("25") or fields.get("25P")
        if not named or not named.value:
            raise UnreadableError(
                f"the statement that begins on line {message.row} names no account (:25:)", AGAIN
            )
        account, currency = _account(named.value.split("\n")[0].strip())
        amounts = (message.opening, message.closing, fields.get("34F"), fields.get("90D"), fields.get("90C"))
        currency = next((said for one in amounts if one and (said := _currency(one))), currency)
        if not currency:
            raise UnreadableError(f"the statement that begins on line {message.row} names no currency", AGAIN)
        number = fields.get("28C") or fields.get("28")
        reference = fields.get("20")
        moment = fields.get("13D") or fields.get("13")
        return Heading(
            account_number=account,
            account_currency=currency,
            reference=(reference and reference.value) or None,
            sequence_number=(number and number.value) or None,
            created_at=_moment(moment.value) if moment else None,
            opening=opening,
            closing=closing,
            kind=REPORT if message.is_report else STATEMENT,
        )

    def _balance(self, said: Field | None) -> Balance | None:
        """A balance; one that cannot be read is set aside."""
        if not said:
            return None
        try:
            return _balance(said.value)
        except UnreadableError as problem:
            self._set_aside(said.row, problem, f":{said.tag}:{said.value}")
            return None

    def _take(self, entry: _Entry, statement: _Statement) -> None:
        if isinstance(statement.heading, UnreadableError):
            self._set_aside(entry.row, statement.heading, entry.raw)
            return
        try:
            row = self._row(entry, statement, statement.heading.account_number)
        except UnreadableError as problem:
            self._set_aside(entry.row, problem, entry.raw)
            return
        if row:
            self._rows.append(row)
            if len(self._rows) == BATCH:
                self._write()

    def _row(self, entry: _Entry, statement: _Statement, own_account: str) -> tuple[Any, ...] | None:
        """The entry's columns in the order of ``COLUMNS``; None when it is only expected."""
        match = ENTRY.match(entry.value)
        if not match:
            raise UnreadableError(f"“{entry.value.partition(chr(10))[0]}” is not an entry", AGAIN)
        day, entered, mark, _, amount, kind, references, supplementary = match.groups()
        mark = mark.upper()
        if mark[0] == "E":
            self._expected += 1
            return None
        booked, valued, is_moved = _days(day, entered)
        if not booked:
            booked = statement.fallback_day
            if not booked:
                raise UnreadableError("the entry has no date, nor has its statement", AGAIN)
        units = _units(amount)
        if mark == "D" or mark == "RC":
            units = -units
        told = read_information(entry.information.strip()) if entry.information else NOTHING
        (
            text,
            code,
            posting,
            end_to_end,
            customer,
            mandate,
            structured,
            name,
            account,
            payer,
            payee,
            reason,
        ) = told
        own, _, banks = references.partition("//")
        own = own.strip()
        if account:
            account = account.replace(" ", "").upper()
        original: tuple[int | None, str | None] = (None, None)
        if supplementary:
            supplementary = unfolded(supplementary)
            if not account and _is_account(supplementary):
                account = supplementary
            elif found := ORIGINAL.match(supplementary):
                if found[1] != statement.currency and (stated := _units_or_none(found[2])) is not None:
                    original = (stated, found[1])
            elif found := BANK_CODE.fullmatch(supplementary):
                posting = posting or found[1]
            elif supplementary not in text:
                text = f"{supplementary} {text}"
        if not account and _is_account(own):
            own, account = "", own
        if entry.supplement:
            more, names = _supplemented(entry.supplement)
            text, name = f"{text} {more}", name or names
        statement.entry_count += 1
        self._moved_days += is_moved
        if statement.is_report:
            side = statement.booked["90D" if units < 0 else "90C"]
            side[0] += 1
            side[1] += abs(units)
        return (
            entry.row,
            statement.ordinal,
            statement.entry_count,
            _reference(banks.strip()),
            booked,
            valued,
            units,
            statement.currency,
            mark[0] == "R",
            code or _code(kind),
            posting or kind.strip() or None,
            text.strip() or None,
            structured or None,
            _reference(end_to_end) or _reference(customer) or _reference(own),
            mandate or None,
            name or None,
            account if account and not f"/{own_account}".endswith(f"/{account}") else None,
            ((payer or payee) if units > 0 else (payee or payer)) or None,
            reason or None,
            *original,
        )

    def _write(self) -> None:
        if self._rows:
            columns = dict(zip(COLUMNS, zip(*self._rows, strict=True), strict=True))
            self._file.take(movement_table(columns, len(self._rows)))
            self._rows = []
        if self._bad:
            self._file.set_aside(self._bad)
            self._bad = []

    def _set_aside(self, row: int, problem: UnreadableError, raw: str) -> None:
        self._bad.append(BadRow(row, problem.reason, problem.remedy, raw.strip()))
        if len(self._bad) == BATCH:
            self._write()


def _balance(text: str) -> Balance:
    match = BALANCE.match(text)
    if not match:
        raise UnreadableError(f"“{text}” is not a balance", AGAIN)
    units = _units(match[4])
    return Balance(units if match[1] == "C" else -units, _day(match[2]))


def _ends_whole(closing: str) -> bool:
    """Whether a closing balance has come to its decimals: the comma is never left out."""
    match = BALANCE.match(closing)
    return match is not None and "," in match[4]


def _ends_with_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 2))
        return bool(re.search(rb"[\r\n]\0?\Z", file.read()))


def _currency(said: Field) -> str | None:
    match = CURRENCY.search(said.value)
    return match and match[0]


@lru_cache(maxsize=10_000)
def _account(text: str) -> tuple[str, str]:
    """The account, by its IBAN where it is one, and the currency that stands behind it (empty: none)."""
    compact = text.replace(" ", "").upper()
    currency = ""
    if not iban.is_valid(compact) and (behind := CURRENCY_BEHIND.fullmatch(text)):
        text, currency = behind[1], behind[2]
    for part in text.upper().split("/"):
        if ACCOUNT_NUMBER.fullmatch(part.replace(" ", "")):
            return part.replace(" ", ""), currency
    return text.strip(" /"), currency


def _is_account(text: str) -> bool:
    return bool(ACCOUNT_NUMBER.fullmatch(text)) and bool(iban.is_valid(text))


def _units(text: str) -> int:
    """An amount in units. The decimal mark is a comma; some banks part thousands with points, or write a point."""
    whole, comma, fraction = text.partition(",")
    if (
        whole.isdigit()
        and len(whole) <= 13
        and len(fraction) <= UNIT_DECIMALS
        and (fraction or "0").isdigit()
    ):
        return int(whole + fraction.ljust(UNIT_DECIMALS, "0"))
    if len(text) > LONGEST_AMOUNT:
        raise UnreadableError(f"“{text[:LONGEST_AMOUNT]}…” is too large for an amount", AGAIN)
    if not comma and POINT_ALONE.fullmatch(text):
        raise UnreadableError(f"whether “{text}” has thousands or decimals is not clear", AGAIN)
    return int(read_amount(text, UNIT_DECIMALS).scaleb(UNIT_DECIMALS))


def _units_or_none(text: str) -> int | None:
    try:
        return _units(text)
    except UnreadableError:
        return None


@lru_cache(maxsize=100_000)
def _day(text: str) -> date | None:
    """The day YYMMDD, None where it is zero. Raises ``UnreadableError``."""
    if text == "000000":
        return None
    year, month, day = int(text[:2]), int(text[2:4]), int(text[4:])
    try:
        return date(year + (1900 if year >= CENTURY_FROM else 2000), month, day)
    except ValueError:
        raise UnreadableError(f"“{text}” is no day of the calendar (YYMMDD)", AGAIN) from None


@lru_cache(maxsize=100_000)
def _days(value_day: str, entry_day: str) -> tuple[date | None, date | None, bool]:
    """Booking date, value date, and whether the value date was moved to the end of February.

    The entry date has no year: it is of the one in which it comes nearest to the value date. Where it is missing, the
    value date holds. Interest is reckoned with months of 30 days, so that value dates of 30 February occur: with an
    entry date beside it, such a date is taken for the last day of the month. Raises ``UnreadableError``.
    """
    entered = entry_day.strip().strip("0") and entry_day
    is_moved = False
    try:
        valued = _day(value_day)
    except UnreadableError:
        if not entered or value_day[2:] not in ("0229", "0230", "0231"):
            raise
        march = _day(f"{value_day[:2]}0301")
        valued, is_moved = (march and march - timedelta(1)), True
    if not entered:
        return valued, valued, is_moved
    if not valued:
        return None, None, is_moved
    possible = []
    for year in (valued.year - 1, valued.year, valued.year + 1):
        try:
            possible.append(date(year, int(entered[:2]), int(entered[2:])))
        except ValueError:
            continue
    if not possible:
        raise UnreadableError(f"“{entered}” is no day of the calendar (MMDD)", AGAIN)
    return min(possible, key=lambda one: abs(one - valued)), valued, is_moved


def _moment(text: str) -> datetime | None:
    """When a report was made, in UTC; a time without offset is taken for UTC."""
    match = MOMENT.match(text)
    if not match:
        return None
    try:
        day = _day(match[1])
        if not day:
            return None
        offset = timedelta(hours=int(match[5] or 0), minutes=int(match[6] or 0))
        zone = timezone(-offset if match[4] == "-" else offset)
        return datetime(day.year, day.month, day.day, int(match[2]), int(match[3]), tzinfo=zone).astimezone(
            UTC
        )
    except ValueError:
        return None


@lru_cache(maxsize=1000)
def _code(kind: str) -> str | None:
    """The type of an entry where it is of SWIFT's list, or a SWIFT message type (``S103``).

    Other digits are a bank's own.
    """
    code = kind[1:].strip()
    if len(code) == 3 and (code.isalpha() or (kind[0] == "S" and code.isdigit())):
        return f"SWIFT-{code}"
    return None


def _supplemented(text: str) -> tuple[str, str]:
    """Text and names of a field :NS:, whose lines begin with a number of two digits."""
    texts: list[str] = []
    names: list[str] = []
    for line in text.split("\n"):
        if line[:2].isdigit():
            (names if line[:2] in SUPPLEMENTED_NAMES else texts).append(line[2:].strip())
        else:
            texts.append(line.strip())
    return " ".join(filter(None, texts)), " ".join(filter(None, names))


def _reference(text: str) -> str | None:
    """A reference, unless it is a placeholder: a single letter is one too."""
    return text if len(text) > 1 and text.replace(" ", "").upper() not in NO_REFERENCE else None
