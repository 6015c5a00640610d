"""OFX 1 and 2, and QFX, which is OFX with tags of its maker's own, into ``bank_transactions`` and ``bank_statements``.

Here: what a file and a statement say (OFX 2.3, chapter 11). Not here: where tags stand (``ofx_elements``), what an
entry means (``ofx_entries``).

An investment statement is not read: every purchase and sale moves its cash and none is a bank movement, so that the few
that are would add up to nothing.
"""

import codecs
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ingestion.formats.ofx_elements import Elements, Indices, read_elements
from ingestion.formats.ofx_entries import ASK_AGAIN, Account, Entries, account_number, day, read_entries
from ingestion.formats.statements import UNIT_DECIMALS, Balance, Heading, StatementFile
from ingestion.formats.text import Encoding, find_encoding
from ingestion.formats.values import read_amount
from ingestion.reading import FileRefusedError, Head, Reading, Sink, UnreadableError

HEADER_SEARCHED: Final = 8 << 10
START: Final = re.compile(r"OFXHEADER\s*:|<OFX[\s>]|<\?OFX\s", re.IGNORECASE)
ROOT: Final = re.compile(r"<\?OFX\s|<OFX[\s>]", re.IGNORECASE)
VERSION: Final = re.compile(r"(?<=[\s\"'])VERSION\s*[:=]\s*[\"']?([0-9]{3})\b", re.IGNORECASE)
DECLARED_ENCODING: Final = re.compile(
    r"\bCHARSET\s*:\s*([\w-]+)|<\?xml\b[^>]*?\bencoding\s*=\s*[\"']([\w-]+)", re.IGNORECASE
)
OTHER_CODEC: Final = re.compile(r"cp125[013-8]|iso8859-(?:[2-9]|1[0-46])")
"""Alphabets that are not Western European."""

TIME: Final = re.compile(
    r"([0-9]{14})(?:\.[0-9]+)?(?:\[(?P<zone>[+-]?[0-9]{1,2}(?:\.[0-9]{1,2})?)(?::\w+)?\])?"
)

STATEMENTS: Final = frozenset({"STMTRS", "CCSTMTRS"})
PENDING_ENTRY: Final = "STMTTRNP"
ENTRY_ENDS: Final = frozenset(
    {
        "/STMTTRN",
        PENDING_ENTRY,
        "/BANKTRANLIST",
        "BANKTRANLISTP",
        "LEDGERBAL",
        "AVAILBAL",
        "/STMTRS",
        "/CCSTMTRS",
        "/INVBANKTRAN",
        "/OFX",
    }
)
"""What an entry ends before: its own end, or where that is missing, what can only come after it."""

AGGREGATES: Final = frozenset(
    {
        "BANKACCTFROM",
        "CCACCTFROM",
        "BANKTRANLIST",
        "BANKTRANLISTP",
        PENDING_ENTRY,
        "LEDGERBAL",
        "AVAILBAL",
        "BAL",
        "STATUS",
    }
)
FACTS: Final = frozenset(
    {
        "ACCTID",
        "ACCTKEY",
        "BALAMT",
        "BANKID",
        "BRANCHID",
        "CODE",
        "CURDEF",
        "DTASOF",
        "DTEND",
        "DTSERVER",
        "DTSTART",
        "MESSAGE",
        "SEVERITY",
    }
)
OTHER_ANSWERS: Final = {
    "INVSTMTRS": ("an investment statement", "Drop the statement of the bank account beside it."),
    "LOANSTMTRS": ("a loan statement", "Drop the statement of the bank account that pays the loan."),
    "ACCTINFORS": ("a list of accounts", "Download the statement of the account."),
    "PROFRS": ("the description of a bank's server", "Download the statement of the account."),
    "SONRS": ("the answer to a sign-on", "Download the statement of the account."),
}
"""What an OFX file may hold besides bank and card statements, the most telling first, and what to do."""

GROUPS: Final = STATEMENTS | AGGREGATES | OTHER_ANSWERS.keys() | {"OFX"}
WATCHED: Final = GROUPS | {f"/{name}" for name in GROUPS} | FACTS


@dataclass
class Statement:
    """A statement in the making: its line, its facts by aggregate and tag as they come, its entries landed so far."""

    source_row: int
    created_at: datetime | None
    ordinal: int = 0
    facts: dict[tuple[str, str], str] = field(default_factory=dict)
    entry_count: int = 0

    @property
    def account(self) -> Account:
        """Its account, as far as it is known."""
        group = "BANKACCTFROM" if ("BANKACCTFROM", "ACCTID") in self.facts else "CCACCTFROM"
        parts = (self._fact(group, name) for name in ("BANKID", "BRANCHID", "ACCTID", "ACCTKEY"))
        return Account(account_number(*parts), self._fact("", "CURDEF").upper() or None, self._day("DTEND"))

    def heading(self) -> Heading:
        """What the statement says beside its entries, once all of it is read.

        Raises ``FileRefusedError`` when it names no account.
        """
        account = self.account
        if not account.number:
            raise FileRefusedError(
                f"its statement on line {self.source_row} names no account",
                "Download it as CSV, and put that in a folder named after the account, inbox/<company>/<account>/.",
            )
        return Heading(
            account_number=account.number,
            account_currency=account.currency,
            created_at=self.created_at,
            from_date=self._day("DTSTART"),
            to_date=account.last_day,
            closing=self._closing(),
        )

    def _closing(self) -> Balance | None:
        written = self._fact("LEDGERBAL", "BALAMT")
        if not written:
            return None
        units = int(read_amount(written, UNIT_DECIMALS).scaleb(UNIT_DECIMALS))
        return Balance(units, _lenient_day(self._fact("LEDGERBAL", "DTASOF")))

    def _day(self, tag: str) -> date | None:
        return _lenient_day(self._fact("BANKTRANLIST", tag))

    def _fact(self, aggregate: str, tag: str) -> str:
        return self.facts.get((aggregate, tag), "")


class OfxReader:
    """Reads OFX bank and card statements into ``bank_transactions`` and ``bank_statements``."""

    kind = "bank_statement"
    tables = ("bank_transactions", "bank_statements")

    def recognise(self, head: Head) -> bool:
        """Whether the file begins with the header of OFX 1 or 2, or, where it has none, with the tag ``OFX``."""
        text = head.text.lstrip("\ufeff \t\r\n")[:HEADER_SEARCHED]
        return bool(START.match(text)) or (text.startswith("<?xml") and bool(ROOT.search(text)))

    def read(self, path: Path, head: Head, sha256: str, sink: Sink) -> Reading:
        """Land every booked entry of every bank and card statement.

        Raises ``FileRefusedError`` when the file is cut short, has a document type or holds no such statement.
        """
        encoding = _encoding(path, head)
        file = StatementFile(sha256, sink)
        document = _Document(file)
        for elements in read_elements(path, encoding):
            document.take(elements)
        document.check()
        version = VERSION.search(head.text[:HEADER_SEARCHED])
        dialect = ["OFX", version[1] if version else "no version", encoding.name]
        if document.left_out:
            dialect.append(f"entries not booked, left out {document.left_out}")
        return file.reading(";".join(dialect), document.notes)


READER: Final = OfxReader()


class _Document:
    """A file as it is read: where its statements begin and end, and what it holds besides."""

    def __init__(self, file: StatementFile) -> None:
        self.left_out = 0
        self.notes: list[str] = []
        self._file = file
        self._statement: Statement | None = None
        self._aggregate = ""
        self._created_at: datetime | None = None
        self._status: dict[str, str] = {}
        self._errors: list[str] = []
        self._seen: set[str] = set()
        self._is_open = False

    def take(self, elements: Elements) -> None:
        """Land the entries of a piece, those of a statement once what the piece says of it is known."""
        begins, ends, is_inside = _entry_bounds(elements)

        def take_entries(statement: Statement | None, first: int, last: int) -> None:
            own = slice(*np.searchsorted(begins, (first, last)).tolist())
            if len(begins[own]):
                self._take_entries(statement, Entries(elements, begins[own], ends[own]))

        first = 0
        for tag in np.flatnonzero(elements.are(WATCHED) & ~is_inside).tolist():
            before = self._statement
            self._note(elements, tag)
            if self._statement is not before:
                take_entries(before, first, tag)
                first = tag
        take_entries(self._statement, first, len(elements.codes))

    def check(self) -> None:
        """Raises ``FileRefusedError`` when the file does not end where its document does, or held no statement."""
        if self._is_open or "OFX" not in self._seen:
            raise FileRefusedError("it ends in the middle of an OFX document, before </OFX>", ASK_AGAIN)
        if not self._file.statement_count:
            raise self._refusal()
        if self._errors:
            self.notes.append(f"beside its statements it holds the bank's error {self._errors[0]}.")
        if "INVSTMTRS" in self._seen:
            self.notes.append("the investment statement in it was left out.")

    def _refusal(self) -> FileRefusedError:
        download = "Download the statement of the account."
        if self._errors:
            return FileRefusedError(
                f"it holds no statement, but the bank's error {self._errors[0]}", download
            )
        for name, (content, remedy) in OTHER_ANSWERS.items():
            if name in self._seen:
                return FileRefusedError(f"it is OFX, but {content}, not a bank's or a card's", remedy)
        return FileRefusedError("it is OFX without a statement", download)

    def _take_entries(self, statement: Statement | None, entries: Entries) -> None:
        if statement:
            table, bad, held = read_entries(
                entries, statement.account, statement.ordinal, statement.entry_count
            )
            statement.entry_count += len(table)
            self.left_out += held
            self._file.set_aside(bad)
            self._file.take(table)
        elif "INVSTMTRS" not in self._seen:
            raise FileRefusedError(f"the entry on line {entries.rows()[0]} stands in no statement", ASK_AGAIN)

    def _note(self, elements: Elements, tag: int) -> None:
        name = elements.names[elements.codes[tag]]
        self._seen.add(name)
        if name in FACTS:
            self._take_fact(name, elements.value(tag))
        elif name in STATEMENTS:
            row = int(elements.rows(np.array([tag]))[0])
            self._statement = Statement(row, self._created_at)
            self._statement.ordinal = self._file.begin(self._statement.heading, row)
        elif name in AGGREGATES:
            self._aggregate = name
            self._status = {}
            self.left_out += name == PENDING_ENTRY
        elif name == "/STATUS":
            self._take_status()
        elif name[1:] in AGGREGATES:
            self._aggregate = ""
        elif name == "OFX":
            self._is_open = True
        else:
            self._statement = None
            self._is_open &= name != "/OFX"

    def _take_fact(self, name: str, value: str) -> None:
        if name == "DTSERVER":
            self._created_at = _time(value)
        elif self._aggregate == "STATUS":
            self._status[name] = value
        elif self._statement and value:
            aggregate = "" if name == "CURDEF" else self._aggregate
            if (aggregate, name) == ("LEDGERBAL", "BALAMT") and (fault := _fault(value)):
                self.notes.append(
                    f"the statement on line {self._statement.source_row} has no balance: {fault}."
                )
            else:
                self._statement.facts.setdefault((aggregate, name), value)

    def _take_status(self) -> None:
        self._aggregate = ""
        code, message = self._status.get("CODE", ""), self._status.get("MESSAGE", "")
        if code.strip("0") and self._status.get("SEVERITY", "ERROR").upper() == "ERROR":
            self._errors.append(f"{code} ({message})" if message else code)


def _entry_bounds(elements: Elements) -> tuple[Indices, Indices, npt.NDArray[np.bool_]]:
    """The tags at which entries begin and end, and for each tag whether it stands in one."""
    is_begin = elements.are({"STMTTRN"})
    is_mark = is_begin | elements.are(ENTRY_ENDS)
    begins, marks = np.flatnonzero(is_begin), np.flatnonzero(is_mark)
    ends = np.append(marks, len(is_mark))[np.searchsorted(marks, begins, side="right")]
    last_mark = np.maximum.accumulate(np.where(is_mark, np.arange(len(is_mark)), 0))
    return begins, ends, is_begin[last_mark]


def _fault(amount: str) -> str | None:
    try:
        read_amount(amount, UNIT_DECIMALS)
    except UnreadableError as problem:
        return problem.reason
    return None


def _lenient_day(text: str) -> date | None:
    try:
        return day(text)
    except UnreadableError:
        return None


def _time(text: str) -> datetime | None:
    """A point of time; without a zone it is Greenwich's (OFX 2.3, 3.2.8.2)."""
    match = TIME.match(text)
    if not match:
        return None
    try:
        local = datetime.strptime(match[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        return local - timedelta(hours=float(match["zone"] or 0))
    except (ValueError, OverflowError):
        return None


def _encoding(path: Path, head: Head) -> Encoding:
    """What the bytes say. Headers name US-ASCII or 1252 whatever follows; only where the bytes are no UTF-8 and the
    header names an alphabet that is not Western European, it is believed."""
    encoding = find_encoding(path, head.raw)
    declared = DECLARED_ENCODING.search(head.text[:HEADER_SEARCHED])
    if not declared or encoding.codec not in ("cp1252", "iso-8859-15"):
        return encoding
    name = declared[1] or declared[2]
    try:
        codec = codecs.lookup(f"cp{name}" if name.isdigit() else name).name
    except LookupError:
        return encoding
    return replace(encoding, codec=codec, name=codec) if OTHER_CODEC.fullmatch(codec) else encoding
