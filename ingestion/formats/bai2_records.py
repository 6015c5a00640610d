"""The records of a BAI2 file: a code, and fields that may go on over several lines (BAI, Cash Management Balance
Reporting Specifications Version 2, 2005).

Here: where a record begins and ends, and which of its fields is which. Not here: what they add up to.

A record ends with a stroke, and goes on in the records 88 behind it. Its text is the exception: it may hold strokes and
commas, and ends where the next record begins. Some banks put several records on a line, or break a text anywhere.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from ingestion.formats.text import Encoding, blocks
from ingestion.reading import FileRefusedError, UnreadableError

FILE: Final = "01"
GROUP: Final = "02"
ACCOUNT: Final = "03"
TRANSACTION: Final = "16"
ACCOUNT_TRAILER: Final = "49"
CONTINUATION: Final = "88"
GROUP_TRAILER: Final = "98"
FILE_TRAILER: Final = "99"

RECORD: Final = "(?:01|02|03|16|49|98|99),"
BETWEEN_RECORDS: Final = re.compile(rf"\n(?=\0?{RECORD})")
BEGINS_A_RECORD: Final = re.compile(RECORD)
PADDING: Final = re.compile(r"(?<![ \t])[ \t]+(?=\n)|(?<=\n)[ \t]+")
PADDINGS: Final = (" \n", "\t\n", "\n ", "\n\t")
NEXT_ON_THE_LINE: Final = re.compile(
    r"/[ \t]+(?=02,[^,]*,[^,]*,[1-4]?,|03,[^,]+,(?:[A-Z]{3})?,|16,[0-9]{3},[0-9]*,|49,[+-]?[0-9]+,[0-9]+"
    r"|88,|98,[+-]?[0-9]+,[0-9]+,[0-9]+|99,[+-]?[0-9]+,[0-9]+,[0-9]+)"
)
"""Between two records on one line: a stroke, then what can only be a record's first fields."""

SAME_LINE: Final = "\0"
"""Before a record that shares the line of the one before it; no NUL comes from the file."""

DISTRIBUTED: Final = "D"
FIELDS_OF_FUNDS: Final = {"": 0, "0": 0, "1": 0, "2": 0, "Z": 0, "S": 3, "V": 2, DISTRIBUTED: 1}
"""How many fields follow a funds type; ``D`` says in its first how many pairs come behind it."""

FUNDS_ALONE: Final = frozenset({"", "0", "1", "2", "Z"})

TYPE_CODE: Final = re.compile("[0-9]{3}")
MOST_LINES: Final = 10_000

ASK_AGAIN: Final = "Ask the bank for the file again."


@dataclass(slots=True)
class Record:
    """A record: its code, the line that it begins on, and its content there and on each line behind.

    ``count`` is that of its records with the continuations, as the bank's trailers count them. ``code`` is empty for a
    line that is no record.
    """

    code: str
    row: int
    parts: list[str] = field(default_factory=list)
    count: int = 1

    def fields(self) -> list[str]:
        """Its fields, of every line."""
        return [cell.strip() for cell in ",".join(self.parts).split(",")]

    def second(self) -> str:
        """Its second field, empty for none."""
        fields = self.parts[0].split(",", 2)
        return fields[1].strip() if len(fields) > 1 else "".join(self.fields()[1:2])


class Transaction(NamedTuple):
    """The fields of a transaction (16), trimmed; the date of value where its funds have one."""

    type_code: str
    amount: str
    value_date: str
    bank_reference: str
    customer_reference: str
    text: str


class Summary(NamedTuple):
    """A balance or a total of an account (03)."""

    type_code: str
    amount: str


def read_records(path: Path, encoding: Encoding) -> Iterator[Record]:
    """The records of a file in their order.

    Raises ``FileRefusedError`` for a record that goes on over more than 10,000 lines.
    """
    unfinished, row = "", 1
    for block in blocks(path, encoding):
        text = block.data.decode().replace("\r", "").replace("\x1a", "")
        text = NEXT_ON_THE_LINE.sub(f"/\n{SAME_LINE}", text)
        if any(padding in text for padding in PADDINGS):
            text = PADDING.sub("", text)
        *finished, unfinished = BETWEEN_RECORDS.split(unfinished + text)
        for lines in finished:
            yield from _records(lines, row)
            row += lines.count("\n") + 1 - lines.count(SAME_LINE)
        if unfinished.count("\n") > MOST_LINES:
            raise _too_long(row)
    yield from _records(unfinished, row)


def _records(text: str, row: int) -> list[Record]:
    """The record that begins on that line, and what the lines up to the next record are.

    A line without a code goes on with the text before it, if that is unfinished; else it is no record.
    """
    found: list[Record] = []
    is_unfinished = False
    lines = text.split("\n")
    if len(lines) > MOST_LINES:
        raise _too_long(row)
    row -= 1
    for numbered in lines:
        row += numbered[:1] != SAME_LINE
        line = numbered.lstrip(SAME_LINE)
        if not line:
            continue
        content = line.removesuffix("/")
        if not found and BEGINS_A_RECORD.match(line):
            found.append(Record(line[:2], row, [content[3:]]))
        elif found and line.startswith(("88,", "88:")):
            found[-1].parts.append(content[3:])
            found[-1].count += 1
        elif is_unfinished:
            found[-1].parts.append(content)
        else:
            found.append(Record("", row, [content]))
        is_unfinished = content == line
    return found


def _too_long(row: int) -> FileRefusedError:
    return FileRefusedError(
        f"the record on line {row} goes on over more than {MOST_LINES:,} lines", ASK_AGAIN
    )


def transaction(record: Record) -> Transaction:
    """The fields of a transaction.

    Raises ``UnreadableError`` when its funds type is unknown, so that nobody can tell which field is which.
    """
    first, *rest = record.parts
    fields = first.split(",", 5)
    if len(fields) == 6 and fields[2] in FUNDS_ALONE:
        type_code, amount, _, bank, customer, text = fields
        value_date = ""
    else:
        fields = first.split(",")
        while (begin := _references_begin(fields)) is None or len(fields) <= begin + 2:
            if not rest:
                begin = len(fields) if begin is None else begin
                fields += [""] * (begin + 3 - len(fields))
                break
            fields += rest.pop(0).split(",")
        type_code, amount, bank, customer = fields[0], fields[1], fields[begin], fields[begin + 1]
        value_date = fields[3] if fields[2].strip().upper() == "V" else ""
        text = ",".join(fields[begin + 2 :])
    words = " ".join((text, *rest)).split()
    return Transaction(
        type_code.strip(), amount.strip(), value_date.strip(), bank.strip(), customer.strip(), " ".join(words)
    )


def summaries(record: Record) -> Iterator[Summary]:
    """The balances and totals of an account.

    Raises ``UnreadableError`` when they are not in groups of code, amount, count and funds.
    """
    fields = record.fields()[2:] + [""] * 4
    at = 0
    while at < len(fields) - 4:
        code, amount, _, funds = fields[at : at + 4]
        if not code:
            # Banks end a line with a comma too many, or leave a group empty.
            at += 1
            continue
        if not TYPE_CODE.fullmatch(code):
            raise UnreadableError(f"“{code}” is no type code", ASK_AGAIN)
        yield Summary(code, amount)
        has_no_funds = bool(TYPE_CODE.fullmatch(funds))
        at += 3 if has_no_funds else 4 + _fields_of_funds(funds, fields[at + 4 : at + 5])


def _references_begin(fields: list[str]) -> int | None:
    """The place of the bank's reference, behind the funds; None while the fields do not tell."""
    if len(fields) < 3:
        return None
    funds = fields[2].strip().upper()
    if funds == DISTRIBUTED and len(fields) < 4:
        return None
    return 3 + _fields_of_funds(funds, fields[3:4])


def _fields_of_funds(funds: str, following: list[str]) -> int:
    count = FIELDS_OF_FUNDS.get(funds.upper())
    if count is None:
        raise UnreadableError(f"“{funds}” is no funds type", ASK_AGAIN)
    if funds.upper() != DISTRIBUTED:
        return count
    pairs = following[0].strip() if following else ""
    if not (pairs.isascii() and pairs.isdigit() and len(pairs) <= 3):
        raise UnreadableError(f"“{pairs}” is no number of distributions", ASK_AGAIN)
    return count + 2 * int(pairs)
