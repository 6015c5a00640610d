"""BAI2, the balance report of American banks (BAI, Cash Management Balance Reporting Specifications Version 2, 2005),
into ``bank_transactions`` and ``bank_statements``; its successor BTRS (version 3), where it keeps to the same records.

Here: what the records mean, and whether they add up to what their trailers say. Not here: where a record ends
(``bai2_records``).

Each account, group and file ends with the sum of its amounts. Where that sum is another one, lines are missing or
changed, and nobody can tell which: the file is refused. Counts of records are only reported, as banks count in more
ways than one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from ingestion.formats.bai2_records import (
    ACCOUNT,
    ACCOUNT_TRAILER,
    ASK_AGAIN,
    FILE,
    FILE_TRAILER,
    GROUP,
    GROUP_TRAILER,
    TRANSACTION,
    TYPE_CODE,
    Record,
    Transaction,
    read_records,
    summaries,
    transaction,
)
from ingestion.formats.currencies import decimals_of
from ingestion.formats.statements import (
    REPORT,
    STATEMENT,
    UNIT_DECIMALS,
    Balance,
    Heading,
    StatementFile,
    movement_table,
)
from ingestion.formats.text import find_encoding
from ingestion.formats.values import read_date
from ingestion.reading import BadRow, FileRefusedError, Head, Reading, Sink, UnreadableError

START: Final = re.compile(
    r"01,[^,\n]*,[^,\n]*,[0-9]{6}(?:[0-9]{2})?,[0-9:]*,|02,[^,\n]*,[^,\n]*,[1-4]?,[0-9]{6}(?:[0-9]{2})?,"
    r"|[0-9]{2}(?:,[^,\n]*){7},[1-3]?[ \t]*/[ \t]*(?:\r|\n|\Z)"
)
"""A file or group header by its dates, or a first line of as many fields as a file header has, to its version."""

HEADERS: Final = frozenset({FILE, GROUP, ACCOUNT})
DEFAULT_CURRENCY: Final = "USD"
VERSIONS: Final = frozenset({"", "2", "3"})
INTERIM: Final = frozenset({"1", "3"})
"""As-of-date modifiers of a day that is not over: interim previous-day and interim same-day."""

LEFT_OUT: Final = {"2": "a deletion of what an earlier file said", "4": "a test"}
"""Statuses of groups whose movements are none."""

OPENING_LEDGER: Final = "010"
CLOSING_LEDGER: Final = "015"
NON_MONETARY: Final = "890"
REVERSALS: Final = frozenset({"252", "258", "395", "552", "558", "694"})
RETURNS: Final = frozenset({"123", "255", "257", "261", "266", "423", "468", "555", "557", "561", "566"})
ITEMS: Final = frozenset({"116", "136", "143", "156", "345", "452"})
"""“Item in …”: parts of the deposit or the payment that stands before them."""

CREDITS: Final = (range(100, 400), range(706, 709), range(720, 760), range(920, 960))
DEBITS: Final = (range(400, 700), range(760, 800), range(960, 1000))
"""Type codes of money in and out; 920 to 999 are the banks' own."""

AMOUNT: Final = re.compile(r"[+-]?[0-9]{1,40}")
TIME: Final = re.compile(r"([0-9]{2}):?([0-9]{2})(?::?[0-9]{2})?")
TOO_LARGE: Final = 10**18
RETURN_REASON: Final = re.compile(r"\bR[0-9]{2}\b")
BATCH: Final = 50_000


@dataclass
class Section:
    """A file, a group or an account since its header: the line of that, and what its trailer has to say."""

    row: int
    total: int = 0
    records: int = 0
    children: int = 0

    def add(self, child: "Section", total: int) -> None:
        """Count a section in it that has ended with that total."""
        self.total += total
        self.records += child.records
        self.children += 1


@dataclass
class Group(Section):
    """Accounts of one day."""

    day: date | None = None
    currency: str = DEFAULT_CURRENCY
    kind: str = STATEMENT
    is_left_out: bool = False


@dataclass
class Account(Section):
    """An account of a group."""

    number: str = ""
    currency: str = DEFAULT_CURRENCY
    ordinal: int = 0
    entry_count: int = 0

    def units(self, amount: int) -> int:
        """An amount as it stands, in units. Raises ``UnreadableError`` when it is too large to be one."""
        units: int = amount * self._factor
        if abs(units) >= TOO_LARGE:
            raise UnreadableError(
                f"“{amount}” is too large for an amount", "Correct the amount in the source."
            )
        return units

    @cached_property
    def _factor(self) -> int:
        return int(10 ** (UNIT_DECIMALS - decimals_of(self.currency)))


SectionType = TypeVar("SectionType", bound=Section)


class Movement(NamedTuple):
    """A row of ``bank_transactions``; amounts in units."""

    source_row: int
    statement_ordinal: int
    entry_ordinal: int
    detail_ordinal: int
    bank_entry_reference: str | None
    booking_date: date
    value_date: date | None
    amount: int
    currency_code: str
    entry_amount: int
    is_reversal: bool
    bank_transaction_code: str
    remittance_text: str | None
    end_to_end_id: str | None
    return_reason: str | None


class Bai2Reader:
    """Reads BAI2 into ``bank_transactions`` and ``bank_statements``."""

    kind = "bank_statement"
    tables = ("bank_transactions", "bank_statements")

    def recognise(self, head: Head) -> bool:
        """Whether the file begins with the header of a BAI2 file or of a group, or with what looks like one."""
        return bool(START.match(head.text.lstrip("\ufeff \t\r\n")))

    def read(self, path: Path, head: Head, sha256: str, sink: Sink) -> Reading:
        """Land the transactions of every account.

        Raises ``FileRefusedError`` when records are missing, or do not add up to what the trailers say.
        """
        encoding = find_encoding(path, head.raw)
        file = _File(StatementFile(sha256, sink))
        for record in read_records(path, encoding):
            file.take(record)
        return file.reading(encoding.name)


READER: Final = Bai2Reader()


class _File:
    """A file as it is read: the sections that are open, and the movements on their way."""

    def __init__(self, file: StatementFile) -> None:
        self._landing = file
        self._file: Section | None = None
        self._group: Group | None = None
        self._account: Account | None = None
        self._created_at: datetime | None = None
        self._version = ""
        self._file_count = 0
        self._rows: list[Movement] = []
        self._batch: int | None = None
        self._miscounted = 0
        self._without_money = 0
        self._notes: list[str] = []
        self._handlers: Final[dict[str, Callable[[Record], None]]] = {
            FILE: self._take_file,
            GROUP: self._take_group,
            ACCOUNT: self._take_account,
            TRANSACTION: self._take_transaction,
            ACCOUNT_TRAILER: self._take_account_trailer,
            GROUP_TRAILER: self._take_group_trailer,
            FILE_TRAILER: self._take_file_trailer,
        }

    def take(self, record: Record) -> None:
        """Take the next record. Raises ``FileRefusedError`` when it cannot stand there, or a total is wrong."""
        handle = self._handlers.get(record.code)
        if not handle and not self._file_count:
            raise FileRefusedError(
                f"its first record, on line {record.row}, is no file header (01)", "Download it again."
            )
        if not handle:
            self._set_aside(record, UnreadableError("the line is no record of BAI2", ASK_AGAIN))
            return
        if record.code not in HEADERS and (section := self._account or self._group or self._file):
            section.records += record.count
        handle(record)

    def reading(self, encoding: str) -> Reading:
        """The file's own entry in the manifest. Raises ``FileRefusedError`` when its end is missing."""
        if self._file or not self._file_count:
            raise FileRefusedError("it ends before its last record (99)", "Download it again.")
        self._flush()
        dialect = ["BAI2", f"version {self._version or 2}", encoding]
        if self._without_money:
            dialect.append(f"records without money, left out {self._without_money}")
        if self._miscounted:
            dialect.append(f"record counts that differ {self._miscounted}")
        return self._landing.reading(";".join(dialect), self._notes)

    def _take_file(self, record: Record) -> None:
        _must_not_be_open(record, self._file, "file", FILE_TRAILER)
        fields = _padded(record.fields(), 8)
        self._version = fields[7]
        if self._version not in VERSIONS:
            raise FileRefusedError(
                f"it is BAI of version {self._version}, and versions 2 and 3 are read",
                "Ask the bank for BAI2.",
            )
        self._created_at = _time(fields[2], fields[3])
        self._file_count += 1
        self._file = Section(record.row, records=record.count)

    def _take_group(self, record: Record) -> None:
        _must_be_open(record, self._file, "group (02)", "file (01)")
        _must_not_be_open(record, self._group, "group", GROUP_TRAILER)
        _, _, status, day, _, currency, modifier = _padded(record.fields(), 7)[:7]
        self._group = Group(
            record.row,
            records=record.count,
            day=_day(day),
            currency=currency.upper() or DEFAULT_CURRENCY,
            kind=REPORT if modifier in INTERIM else STATEMENT,
            is_left_out=status in LEFT_OUT,
        )
        if status in LEFT_OUT:
            self._notes.append(f"the group on line {record.row} was left out: it is {LEFT_OUT[status]}.")

    def _take_account(self, record: Record) -> None:
        group = _must_be_open(record, self._group, "account (03)", "group (02)")
        _must_not_be_open(record, self._account, "account", ACCOUNT_TRAILER)
        number, currency = _padded(record.fields(), 2)[:2]
        account = Account(
            record.row,
            records=record.count,
            number="".join(number.split()),
            currency=currency.upper() or group.currency,
        )
        if not account.number:
            raise FileRefusedError(f"its account on line {record.row} has no number", ASK_AGAIN)
        balances: dict[str, Balance] = {}
        try:
            for summary in summaries(record):
                amount = _amount(record, summary.amount)
                account.total += amount
                if summary.type_code in (OPENING_LEDGER, CLOSING_LEDGER) and summary.amount:
                    balances[summary.type_code] = Balance(account.units(amount), group.day)
        except UnreadableError as problem:
            raise FileRefusedError(
                f"its account on line {record.row} cannot be read: {problem.reason}", problem.remedy
            ) from None
        if not group.is_left_out:
            heading = Heading(
                account_number=account.number,
                account_currency=account.currency,
                created_at=self._created_at,
                from_date=group.day,
                to_date=group.day,
                opening=balances.get(OPENING_LEDGER),
                closing=balances.get(CLOSING_LEDGER),
                kind=group.kind,
            )
            account.ordinal = self._landing.begin(heading, record.row)
        self._account = account

    def _take_transaction(self, record: Record) -> None:
        account = _must_be_open(record, self._account, "transaction (16)", "account (03)")
        group = _must_be_open(record, self._group, "account (03)", "group (02)")
        try:
            one = transaction(record)
        except UnreadableError as problem:
            account.total += _amount(record, record.second())
            if not group.is_left_out:
                self._set_aside(record, problem)
            return
        account.total += _amount(record, one.amount)
        if group.is_left_out:
            return
        if one.type_code == NON_MONETARY:
            self._without_money += 1
            return
        is_item = one.type_code in ITEMS
        if not is_item or self._batch is None:
            self._settle_items()
        try:
            self._rows.append(_movement(one, record.row, account, group))
        except UnreadableError as problem:
            self._set_aside(record, problem)
            return
        account.entry_count += 1
        if not is_item:
            self._batch = len(self._rows) - 1

    def _take_account_trailer(self, record: Record) -> None:
        account = _must_be_open(record, self._account, "trailer (49)", "account (03)")
        group = _must_be_open(record, self._group, "account (03)", "group (02)")
        total, (records,) = _trailer(record, 1)
        _check_total(record, f"account {account.number}", total, account.total, "amounts")
        self._check_count(records, account.records)
        self._settle_items()
        self._account = None
        group.add(account, total)

    def _take_group_trailer(self, record: Record) -> None:
        group = _must_be_open(record, self._group, "trailer (98)", "group (02)")
        file = _must_be_open(record, self._file, "group (02)", "file (01)")
        _must_not_be_open(record, self._account, "account", ACCOUNT_TRAILER)
        total, (accounts, records) = _trailer(record, 2)
        _check_total(record, f"group on line {group.row}", total, group.total, "accounts")
        _check_children(record, "accounts", accounts, group.children)
        self._check_count(records, group.records)
        self._group = None
        file.add(group, total)

    def _take_file_trailer(self, record: Record) -> None:
        file = _must_be_open(record, self._file, "trailer (99)", "file (01)")
        _must_not_be_open(record, self._group, "group", GROUP_TRAILER)
        total, (groups, records) = _trailer(record, 2)
        _check_total(record, "file", total, file.total, "groups")
        _check_children(record, "groups", groups, file.children)
        self._check_count(records, file.records)
        self._file = None

    def _settle_items(self) -> None:
        """Let the items behind a transaction stand for it where they add up to it."""
        if self._batch is not None and self._account and self._batch < len(self._rows) - 1:
            parent, *items = self._rows[self._batch :]
            if sum(item.amount for item in items) == parent.amount:
                self._rows[self._batch :] = [
                    item._replace(
                        entry_ordinal=parent.entry_ordinal, detail_ordinal=place, entry_amount=parent.amount
                    )
                    for place, item in enumerate(items, 1)
                ]
                self._account.entry_count = parent.entry_ordinal
        self._batch = None
        if len(self._rows) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            columns = dict(zip(Movement._fields, zip(*self._rows, strict=True), strict=True))
            self._landing.take(movement_table(columns, len(self._rows)))
            self._rows = []

    def _set_aside(self, record: Record, problem: UnreadableError) -> None:
        head, *rest = record.parts
        lines = (f"{record.code},{head}" if record.code else head, *(f"88,{part}" for part in rest))
        self._landing.set_aside([BadRow(record.row, problem.reason, problem.remedy, "\n".join(lines))])

    def _check_count(self, said: int | None, found: int) -> None:
        self._miscounted += said is not None and said != found


def _must_be_open(record: Record, section: SectionType | None, name: str, within: str) -> SectionType:
    if section is None:
        raise FileRefusedError(f"the {name} on line {record.row} stands in no {within}", ASK_AGAIN)
    return section


def _must_not_be_open(record: Record, section: Section | None, name: str, trailer: str) -> None:
    if section is not None:
        raise FileRefusedError(
            f"the {name} that begins on line {section.row} has no end ({trailer}) before line {record.row}",
            ASK_AGAIN,
        )


def _check_total(record: Record, section: str, said: int, found: int, what: str) -> None:
    if said != found:
        raise FileRefusedError(
            f"the control total of the {section} is {said} (line {record.row}), but its {what} add up to {found}: "
            "lines are missing or changed",
            ASK_AGAIN,
        )


def _check_children(record: Record, name: str, said: int | None, found: int) -> None:
    if said is not None and said != found:
        raise FileRefusedError(
            f"line {record.row} says that there are {said} {name}, but there are {found}: lines are missing",
            ASK_AGAIN,
        )


def _trailer(record: Record, count: int) -> tuple[int, list[int | None]]:
    """The control total of a trailer, and its ``count`` counts, None where they are left out."""
    total, *counts = _padded(record.fields(), count + 1)[: count + 1]
    if not total:
        raise FileRefusedError(
            f"the trailer ({record.code}) on line {record.row} has no control total", ASK_AGAIN
        )
    return _amount(record, total), [_amount(record, cell) if cell else None for cell in counts]


def _amount(record: Record, text: str) -> int:
    """An amount as it stands, without its decimals; 0 for none.

    Raises ``FileRefusedError`` for anything else, as no control total can be checked without it.
    """
    if text and not AMOUNT.fullmatch(text):
        raise FileRefusedError(
            f"“{text}” on line {record.row} is not an amount of BAI2, which has no decimal mark", ASK_AGAIN
        )
    return int(text or 0)


def _movement(one: Transaction, row: int, account: Account, group: Group) -> Movement:
    """The movement that a transaction is.

    Raises ``UnreadableError`` when it has no amount or date, or its type does not say whether money came or went.
    """
    if not one.amount:
        raise UnreadableError("the entry has no amount", ASK_AGAIN)
    units = account.units(int(one.amount)) * _direction(one.type_code)
    valued = _day(one.value_date)
    booked = group.day or valued
    if not booked:
        raise UnreadableError("the entry has no date, nor has its group", ASK_AGAIN)
    reason = RETURN_REASON.search(one.text) if one.type_code in RETURNS else None
    return Movement(
        row,
        account.ordinal,
        account.entry_count + 1,
        0,
        _reference(one.bank_reference),
        booked,
        valued,
        units,
        account.currency,
        units,
        one.type_code in REVERSALS,
        f"BAI-{one.type_code}",
        one.text or None,
        _reference(one.customer_reference),
        reason[0] if reason else None,
    )


@cache
def _direction(type_code: str) -> int:
    if TYPE_CODE.fullmatch(type_code):
        if any(int(type_code) in codes for codes in CREDITS):
            return 1
        if any(int(type_code) in codes for codes in DEBITS):
            return -1
    raise UnreadableError(f"the type code “{type_code}” does not say whether money came or went", ASK_AGAIN)


def _reference(text: str) -> str | None:
    return text if text.strip("0") else None


@lru_cache(maxsize=10_000)
def _day(text: str) -> date | None:
    """The day written as YYMMDD (from 69 on of the last century) or YYYYMMDD; None where it cannot be read."""
    century = "" if len(text) != 6 else "19" if text >= "69" else "20"
    try:
        return read_date(century + text) if text.strip("0") else None
    except UnreadableError:
        return None


def _time(day: str, time: str) -> datetime | None:
    """The moment of a file in the sender's zone, which it does not tell, as if it were Greenwich's. 2400 and 9999 are
    the end of the day."""
    created, clock = _day(day), TIME.fullmatch(time)
    if not created or not clock:
        return None
    hour, minute = min(int(clock[1]), 23), min(int(clock[2]), 59)
    return datetime(created.year, created.month, created.day, hour, minute, tzinfo=UTC)


def _padded(cells: list[str], count: int) -> list[str]:
    return cells + [""] * (count - len(cells))
