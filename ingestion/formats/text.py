"""Text files of any encoding as blocks of UTF-8 lines.

Here: which encoding a file is in, and its lines in that encoding turned into UTF-8 with ``\\n`` at their ends.
Not here: what stands in a line.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
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
    """How a text file is written: Python ``codec``, the ``name`` shown to people, length of the byte order mark,
    and ``line_end`` (``lf``, ``crlf`` or ``cr``)."""

    codec: str
    name: str
    bom_bytes: int
    line_end: str


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
    """The encoding of the whole file, which is read to its end unless a byte order mark says it.

    Without one: UTF-16 when every other byte of the head is zero; UTF-8 when the whole file is valid UTF-8; else
    CP1252 or ISO-8859-15, told apart by bytes that only one of the two uses for text; without these the two agree.
    """
    codec, name, bom_bytes = _marked(head) or _unmarked(path, head)
    return Encoding(codec, name, bom_bytes, _line_end(head[bom_bytes:].decode(codec, "ignore")))


def _marked(head: bytes) -> tuple[str, str, int] | None:
    for bom, codec, name in BOMS:
        if head.startswith(bom):
            return codec, name, len(bom)
    return None


def _unmarked(path: Path, head: bytes) -> tuple[str, str, int]:
    wide = looks_wide(head)
    if wide:
        return wide, wide, 0
    if _is_utf8(path):
        return "utf-8", "utf-8", 0
    if _has(path, TELLS_LATIN_9) and not _has(path, ONLY_IN_CP1252):
        return "iso-8859-15", "iso-8859-15", 0
    return "cp1252", "cp1252", 0


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK_BYTES):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


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


def _line_end(text: str) -> str:
    if "\r\n" in text:
        return "crlf"
    if "\n" in text or "\r" not in text:
        return "lf"
    return "cr"


def blocks(path: Path, encoding: Encoding, block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
    """The file as blocks of whole lines in UTF-8, without NUL.

    Raises ``FileRefusedError`` on a line longer than 64 MB, which no text file of records has.
    """
    newline = b"\r" if encoding.line_end == "cr" else b"\n"
    carry = b""
    row = 1
    for piece in _utf8_pieces(path, encoding, block_bytes):
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


def _utf8_pieces(path: Path, encoding: Encoding, block_bytes: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(encoding.bom_bytes)
        if encoding.codec == "utf-8":
            while piece := file.read(block_bytes):
                yield piece
            return
        decoder = codecs.getincrementaldecoder(encoding.codec)("replace")
        while piece := file.read(block_bytes):
            yield decoder.decode(piece).encode()
        yield decoder.decode(b"", final=True).encode()


def _clean(data: bytes, encoding: Encoding) -> bytes:
    if b"\0" in data:
        data = data.replace(b"\0", b"")
    return data.replace(b"\r", b"\n") if encoding.line_end == "cr" else data
