"""Text files of any encoding as blocks of UTF-8 lines.

Here: which encoding a file is in, and its lines in that encoding turned into UTF-8 with ``\\n`` at their ends.
Not here: what stands in a line.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Final

from ingestion.reading import FileRefusedError

BLOCK_BYTES: Final = 16 << 20
"""Large enough that the cost per block vanishes, small enough that four of them in work stay far under 1 GB."""

LONGEST_LINE_BYTES: Final = 64 << 20

BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8", "utf-8-bom"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16-be"),
)

# Bytes that are control characters in ISO-8859-15 and letters or signs in CP1252.
ONLY_IN_CP1252: Final = re.compile(rb"[\x80-\x9f]")
# The euro sign and the ligatures OE and oe, for which ISO-8859-15 was made; in CP1252 a currency sign and fractions.
TELLS_LATIN_9: Final = re.compile(rb"[\xa4\xbc\xbd]")


@dataclass(frozen=True)
class Encoding:
    """How a text file is written.

    ``codec`` is Python's name and ``name`` the one shown to people; ``line_end`` is lf, crlf or cr. ``is_utf8`` says
    that the bytes need no change; bytes that are no text in the codec become U+FFFD.
    """

    codec: str
    name: str
    bom_bytes: int
    line_end: str
    is_utf8: bool


@dataclass(frozen=True)
class Block:
    """Whole lines as UTF-8, each ended by ``\\n``, before which a carriage return may stand.

    ``first_row`` is the physical line number of the first.
    """

    data: bytes
    first_row: int

    def without_returns(self) -> "Block":
        """The block without carriage returns: one that ends no line becomes a space."""
        return Block(self.data.replace(b"\r\n", b"\n").replace(b"\r", b" "), self.first_row)


def find_encoding(path: Path, head: bytes) -> Encoding:
    """The encoding of the whole file, which is read to its end unless it is of two bytes a character.

    Without one: UTF-16 when every other byte of the head is zero; UTF-8 when the whole file is valid UTF-8, or all but
    a last character that was cut; else CP1252 or ISO-8859-15, told apart by bytes that only one of the two uses for
    text; without these the two agree.
    """
    line_end = _line_end(head)
    for bom, codec, name in BOMS:
        if head.startswith(bom):
            if codec == "utf-8" and _utf8(path) is not Utf8.WHOLE:
                return Encoding(codec, f"{name} with broken characters", len(bom), line_end, is_utf8=False)
            return Encoding(codec, name, len(bom), line_end, is_utf8=codec == "utf-8")
    if wide := looks_wide(head):
        return Encoding(wide, wide, 0, line_end, is_utf8=False)
    match _utf8(path):
        case Utf8.WHOLE:
            return Encoding("utf-8", "utf-8", 0, line_end, is_utf8=True)
        case Utf8.CUT:
            return Encoding("utf-8", "utf-8 cut within a character", 0, line_end, is_utf8=False)
    is_latin_9 = _has(path, TELLS_LATIN_9) and not _has(path, ONLY_IN_CP1252)
    codec = "iso-8859-15" if is_latin_9 else "cp1252"
    return Encoding(codec, codec, 0, line_end, is_utf8=False)


class Utf8(Enum):
    """How much of a file is UTF-8."""

    WHOLE = auto()
    CUT = auto()
    """All but the last character, of which bytes are missing, as in a download that broke off."""
    NOT = auto()


def _utf8(path: Path) -> Utf8:
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_ascii = True
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK_BYTES):
                is_ascii &= decoder.decode(block).isascii()
    except UnicodeDecodeError:
        return Utf8.NOT
    missing, _ = decoder.getstate()
    if not missing:
        return Utf8.WHOLE
    # Without another character beyond ASCII, the last byte is as well one of CP1252.
    return Utf8.NOT if is_ascii else Utf8.CUT


def _has(path: Path, pattern: re.Pattern[bytes]) -> bool:
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            if pattern.search(block):
                return True
    return False


def looks_wide(head: bytes) -> str | None:
    """``utf-16-le`` or ``utf-16-be`` for text of two bytes a character without a mark, else None."""
    sample = head[: 4096 & ~1]
    pairs = len(sample) // 2
    if pairs < 4:
        return None
    even_zeros, odd_zeros = sample[0::2].count(0), sample[1::2].count(0)
    if odd_zeros > 0.7 * pairs and even_zeros < 0.1 * pairs:
        return "utf-16-le"
    if even_zeros > 0.7 * pairs and odd_zeros < 0.1 * pairs:
        return "utf-16-be"
    return None


def _line_end(head: bytes) -> str:
    text = head.replace(b"\0", b"")
    if b"\r\n" in text:
        return "crlf"
    if b"\n" in text or b"\r" not in text:
        return "lf"
    return "cr"


def blocks(path: Path, encoding: Encoding) -> Iterator[Block]:
    """The file as blocks of whole lines in UTF-8, without NUL.

    Raises ``FileRefusedError`` on a line longer than 64 MB, which no text file of records has.
    """
    newline = b"\r" if encoding.line_end == "cr" else b"\n"
    carry = b""
    row = 1
    for piece in utf8_pieces(path, encoding, BLOCK_BYTES):
        cut = piece.rfind(newline) + 1
        if not cut:
            carry += piece
            if len(carry) > LONGEST_LINE_BYTES:
                raise FileRefusedError(
                    f"line {row} is longer than 64 MB, so this is not a text file of one record a line",
                    "Export the file again as text.",
                )
            continue
        block = _clean(carry + piece[:cut], encoding)
        carry = piece[cut:]
        yield Block(block, row)
        row += block.count(b"\n")
    if carry:
        yield Block(_clean(carry, encoding) + b"\n", row)


def utf8_pieces(path: Path, encoding: Encoding, size: int) -> Iterator[bytes]:
    """The file in pieces of UTF-8 of about that size, cut anywhere, without byte order mark."""
    with path.open("rb") as file:
        file.seek(encoding.bom_bytes)
        if encoding.is_utf8:
            while piece := file.read(size):
                yield piece
            return
        decoder = codecs.getincrementaldecoder(encoding.codec)("replace")
        while piece := file.read(size):
            yield decoder.decode(piece).encode()
        yield decoder.decode(b"", final=True).encode()


def _clean(data: bytes, encoding: Encoding) -> bytes:
    if b"\0" in data:
        data = data.replace(b"\0", b"")
    return data.replace(b"\r", b"\n") if encoding.line_end == "cr" else data
