"""The records of 120 characters that CFONB files are made of, as columns of characters.

Here: records out of lines, or out of none, where their zones stand, and what a zone says as text, amount or day. Not
here: what a record means.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.formats.statements import UNIT_DECIMALS
from ingestion.formats.text import LONGEST_LINE_BYTES, Encoding, utf8_pieces
from ingestion.reading import FileRefusedError

WIDTH: Final = 120
BLOCK_BYTES: Final = 4 << 20
CODES: Final = ("01", "04", "05", "07")
OLD_BALANCE, MOVEMENT, DETAIL, NEW_BALANCE = (ord(code[0]) * 256 + ord(code[1]) for code in CODES)

# The zones of the norm (CFONB, Relevé de compte sur support informatique, July 2004), from 0.
BANK: Final = slice(2, 7)
INTERNAL_CODE: Final = slice(7, 11)
BRANCH: Final = slice(11, 16)
CURRENCY: Final = slice(16, 19)
DECIMALS: Final = 19
ACCOUNT: Final = slice(21, 32)
OPERATION: Final = slice(32, 34)
DAY: Final = slice(34, 40)
REJECTION: Final = slice(40, 42)
VALUE_DAY: Final = slice(42, 48)
LABEL: Final = slice(48, 79)
ENTRY_NUMBER: Final = slice(81, 88)
AMOUNT: Final = slice(90, 104)
REFERENCE: Final = slice(104, 120)
QUALIFIER: Final = slice(45, 48)
INFORMATION: Final = slice(48, 118)

CENTURY_FROM: Final = 80
"""Years of two digits from 80 on are of the twentieth century; the statement of the CFONB is of 1986."""

LINE_ENDS: Final = str.maketrans("", "", "\r\n")
BLANKS: Final = " \t\x1a\x0c\ufeff\0"
"""What a line without a record may hold; 1A is the end-of-file mark of DOS."""

Cells = npt.NDArray[Any]
"""Characters, one a cell: a row is a record, or a zone of it."""


class Signs(NamedTuple):
    """What the last character of an amount says, by its code: its digit (-1: none) and its sign (0: not said)."""

    digit: Cells
    sign: Cells


def _signs() -> Signs:
    digit, sign = np.full(256, -1, np.int64), np.zeros(256, np.int64)
    # { and } are é and è where a French EBCDIC file was turned into Latin letters (code page 297).
    for characters, direction in (
        ("{ABCDEFGHI", 1),
        ("}JKLMNOPQR", -1),
        ("é", 1),
        ("è", -1),
        ("0123456789", 0),
    ):
        for value, character in enumerate(characters):
            digit[ord(character)], sign[ord(character)] = value, direction
    return Signs(digit, sign)


SIGNS: Final = _signs()


@dataclass(frozen=True)
class Records:
    """Some records of a file in a row: which one is the first (from 0), the row of each, and its characters.

    ``longer_count`` tells how many held something beyond their 120 characters, which is left out.
    """

    first: int
    rows: Cells
    cells: Cells
    longer_count: int = 0

    @property
    def codes(self) -> Cells:
        """What each record is: ``OLD_BALANCE``, ``MOVEMENT``, ``DETAIL``, ``NEW_BALANCE`` or something else."""
        return self.cells[:, 0].astype(np.int64) * 256 + self.cells[:, 1]

    def part(self, start: int, end: int) -> "Records":
        """The records from ``start`` up to ``end``, which is not among them."""
        return Records(self.first + start, self.rows[start:end], self.cells[start:end])

    def followed_by(self, other: "Records") -> "Records":
        """These records and then others."""
        rows = np.concatenate((self.rows, other.rows))
        return Records(self.first, rows, np.concatenate((self.cells, other.cells)))

    def text(self, position: int) -> str:
        """A record as it stands, without the blanks at its end."""
        return text_of(self.cells[position])


def records(path: Path, encoding: Encoding, *, has_lines: bool) -> Iterator[Records]:
    """The records of a file, some tens of thousands at a time; blank lines are none.

    ``rows`` are physical lines, or the records' own numbers in a file without lines. A line may hold several records,
    and may lack the blanks at its end.

    Raises ``FileRefusedError`` on a line longer than 64 MB.
    """
    pieces = (piece.replace(b"\0", b" ") for piece in utf8_pieces(path, encoding, BLOCK_BYTES))
    if not has_lines:
        return _from_stream(pieces)
    if encoding.line_end == "cr":
        pieces = (piece.replace(b"\r", b"\n") for piece in pieces)
    return _from_lines(pieces)


def _from_lines(pieces: Iterator[bytes]) -> Iterator[Records]:
    first, row, carry = 0, 1, b""
    for piece in chain(pieces, (None,)):
        data = carry + (piece or b"")
        cut = len(data) if piece is None else data.rfind(b"\n") + 1
        carry = data[cut:]
        if cut:
            found, line_count = _of_lines(data[:cut], first, row)
            row += line_count
            first += len(found.rows)
            yield found
        if len(carry) > LONGEST_LINE_BYTES:
            raise FileRefusedError(
                f"line {row} is longer than 64 MB, so this is not a text file of one record a line",
                "Ask the bank for the file again.",
            )


def _from_stream(pieces: Iterator[bytes]) -> Iterator[Records]:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    first, carry = 0, ""
    for piece in chain(pieces, (None,)):
        text = carry + decoder.decode(piece or b"").translate(LINE_ENDS)
        cut = len(text.rstrip(BLANKS)) if piece is None else len(text) - len(text) % WIDTH
        count = -(-cut // WIDTH)
        cells = _cells(text[:cut].ljust(count * WIDTH), WIDTH)
        yield Records(first, np.arange(first + 1, first + 1 + count), cells)
        first, carry = first + count, text[cut:]


def _of_lines(data: bytes, first: int, row: int) -> tuple[Records, int]:
    """The records of some lines, and how many lines they were."""
    for end in (b"\n", b"\r\n"):
        width = WIDTH + len(end)
        if data[WIDTH:width] == end and len(data) % width == 0:
            cells = np.frombuffer(data, np.uint8).reshape(-1, width)
            records_alone = cells[:, :WIDTH]
            if (
                (cells[:, WIDTH:] == np.frombuffer(end, np.uint8)).all()
                and records_alone.min() >= ord(" ")
                and records_alone.max() < ord("\x80")
                and (cells[:, 0] != ord(" ")).all()
            ):
                return Records(first, np.arange(row, row + len(cells)), records_alone), len(cells)
    lines = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    parts: list[str] = []
    rows: list[int] = []
    longer_count = 0
    for number, line in enumerate(lines, row):
        content = line.rstrip(BLANKS)
        if len(content) <= WIDTH:
            if content:
                parts.append(content)
                rows.append(number)
            continue
        several = [content[start : start + WIDTH] for start in range(0, len(content), WIDTH)]
        if not all(part.startswith(CODES) for part in several):
            del several[1:]
            longer_count += 1
        parts += several
        rows += [number] * len(several)
    cells = _cells("".join([part.ljust(WIDTH) for part in parts]), WIDTH)
    return Records(first, np.array(rows, np.int64), cells, longer_count), len(lines) - 1


def _cells(text: str, width: int) -> Cells:
    """The characters of a text in rows: one byte each where all are ASCII, else four."""
    plain = text.isascii()
    codes = np.frombuffer(text.encode("ascii" if plain else "utf-32-le"), np.uint8 if plain else np.uint32)
    return codes.reshape(-1, width)


def text_of(cells: Cells) -> str:
    """The characters of one record or zone as text, without the blanks at its end."""
    return cells.astype(np.uint32).tobytes().decode("utf-32-le").rstrip(BLANKS)


def texts(cells: Cells) -> pa.Array:
    """Each row of a zone as text without blanks around it, null where there is nothing."""
    count, width = cells.shape
    cells = np.ascontiguousarray(cells)
    if not count or cells.max() == cells.min() == ord(" "):
        return pa.nulls(count, pa.string())
    data = cells.tobytes()
    if cells.dtype == np.uint8:
        offsets = np.arange(count + 1, dtype=np.int32) * width
    else:
        sizes = 1 + (cells > 0x7F) + (cells > 0x7FF) + (cells > 0xFFFF)
        offsets = np.concatenate(([0], np.cumsum(sizes.sum(axis=1)))).astype(np.int32)
        data = data.decode("utf-32-le").encode()
    trimmed = pc.utf8_trim_whitespace(
        pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(data))
    )
    is_empty = pc.equal(trimmed, "")
    return (
        pc.if_else(is_empty, pa.scalar(None, pa.string()), trimmed) if pc.any(is_empty).as_py() else trimmed
    )


def amounts(cells: Cells, decimals: Cells, *, is_signed: bool = True) -> tuple[Cells, Cells]:
    """The amounts of a zone in units, and a mask of the rows where there is none.

    The last character holds the last digit and the sign: ``{`` ``A`` … ``I`` are +0 to +9, ``}`` ``J`` … ``R`` -0 to
    -9. A plain digit there has no sign, which only an amount of zero does without. ``decimals`` is the zone, of one
    character, that says how many of the digits are decimals; blank is two.
    """
    body = cells[:, :-1].astype(np.int64) - ord("0")
    is_digit = (body >= 0) & (body <= 9)
    is_number = is_digit.all(axis=1)
    if not is_number.all():
        is_leading_blank = np.cumsum(cells[:, :-1] != ord(" "), axis=1) == 0
        is_number = (is_digit | is_leading_blank).all(axis=1)
        body = np.where(is_digit, body, 0)
    last = np.minimum(cells[:, -1], 255)
    value = body @ (10 ** np.arange(body.shape[1], 0, -1, dtype=np.int64))
    value += SIGNS.digit[last]
    places = np.where(decimals == ord(" "), 2, decimals.astype(np.int64) - ord("0"))
    is_bad = ~is_number | (SIGNS.digit[last] < 0)
    is_bad |= (places < 0) | (places > UNIT_DECIMALS)
    places = np.clip(places, 0, UNIT_DECIMALS)
    is_bad |= value >= 10 ** (18 - UNIT_DECIMALS + places)
    sign = SIGNS.sign[last] if is_signed else np.ones_like(value)
    is_bad |= (sign == 0) & (value != 0)
    return np.where(is_bad, 0, sign * value * 10 ** (UNIT_DECIMALS - places)), is_bad


def days(cells: Cells) -> tuple[Cells, Cells]:
    """The days of a zone DDMMYY (no day where it is blank or zero), and a mask of the rows that hold something else."""
    numbers = cells.astype(np.int64) - ord("0")
    is_blank = ((cells == ord(" ")) | (cells == ord("0"))).all(axis=1)
    is_number = ((numbers >= 0) & (numbers <= 9)).all(axis=1)
    keys = np.where(is_number, numbers @ (10 ** np.arange(5, -1, -1, dtype=np.int64)), -1)
    distinct, places = np.unique(keys, return_inverse=True)
    found = np.array([_day(int(key)) for key in distinct], dtype="datetime64[D]")[places]
    return np.where(is_blank, np.datetime64("NaT"), found), np.isnat(found) & ~is_blank


@lru_cache(maxsize=100_000)
def _day(key: int) -> date | None:
    day, month, year = key // 10_000, key // 100 % 100, key % 100
    try:
        return date(year + (1900 if year >= CENTURY_FROM else 2000), month, day)
    except ValueError:
        return None
