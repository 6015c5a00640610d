"""OFX as columns of tags and values: the SGML of OFX 1 and the XML of OFX 2 alike.

Here: where a tag begins, what stands after it, on which line. Not here: what a tag means.

A tag's value is the text up to the next tag, so that values without a closing tag (OFX 1) need no grammar. Nothing is
resolved: no document type, no entity but the five of XML, the no-break space and character numbers.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.formats.text import Block, Encoding, blocks
from ingestion.reading import FileRefusedError

Indices = npt.NDArray[np.int64]

PIECE_BYTES: Final = 8 << 20
"""Tags and values take some ten times the bytes of their piece while they are worked on."""

ENTRY: Final = b"<STMTTRN>"
ENTRY_END: Final = b"</STMTTRN>"

TAG: Final = re.compile(
    r"<(?:(?P<name>/?[A-Za-z][\w.]*)(?:\s[^<>]*=[^<>]*)?\s*/?|(?P<instruction>\?[A-Za-z]\w*)[^<>]*)>"
)
MAY_BEGIN_A_TAG: Final = np.isin(
    np.arange(256), np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz/?", np.uint8)
)
"""By the byte after ``<``."""

LITERAL: Final = (b"<![CDATA[", b"]]>")
COMMENT: Final = (b"<!--", b"-->")
DOCUMENT_TYPE: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)\b", re.IGNORECASE)

NOT_ONLY_WORDS: Final = (
    r"[&\t-\r\x1c-\x1f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]|  "
)
"""An entity, a blank other than the usual one, or two blanks."""

ENTITY: Final = re.compile(r"&(?:(amp|lt|gt|quot|apos|nbsp)|#([0-9]{1,7})|#[xX]([0-9A-Fa-f]{1,6}));")
ENTITIES: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": " "}


@dataclass(frozen=True)
class Elements:
    """The tags of a piece of a file in their order, and the text after each.

    ``names`` are the different tags in capitals, a closing one with its stroke; ``codes`` says for each tag which of
    them it is.
    """

    names: tuple[str, ...]
    codes: npt.NDArray[np.int32]
    _data: bytes
    _first_row: int
    _begins: Indices
    _pieces: pa.StringArray

    def are(self, names: Collection[str], span: slice = slice(None)) -> npt.NDArray[np.bool_]:
        """For each tag of the span whether it is one of these."""
        codes = [code for code, name in enumerate(self.names) if name in names]
        if len(codes) == 1:
            return np.asarray(self.codes[span] == codes[0])
        return np.isin(self.codes[span], np.array(codes, np.int32))

    def value(self, tag: int) -> str:
        """The text after a tag as words, empty for none."""
        return _as_words(self._pieces[2 * tag + 1].as_py()) or ""

    def values(self, tags: Indices) -> pa.Array:
        """The text after each of these tags, trimmed; null for none and for tag -1."""
        cells = pc.utf8_trim_whitespace(self._pieces.take(pa.array(2 * tags + 1, mask=tags < 0)))
        return pc.if_else(pc.equal(cells, ""), pa.scalar(None, pa.string()), cells)

    def words(self, tags: Indices) -> pa.Array:
        """The same without entities, and with one blank between words."""
        cells = self.values(tags)
        is_other = pc.match_substring_regex(cells, NOT_ONLY_WORDS)
        if not pc.any(is_other).as_py():
            return cells
        words = [_as_words(cell) for cell in cells.filter(is_other).to_pylist()]
        return pc.replace_with_mask(cells, is_other, pa.array(words, pa.string()))

    def text(self, first: int, last: int) -> str:
        """The file's own text from a tag up to another, which is left out."""
        end = self._begins[last] if last < len(self._begins) else len(self._data)
        return self._data[self._begins[first] : end].decode()

    def rows(self, tags: Indices) -> Indices:
        """The line that each of these tags stands on."""
        return self._first_row + np.searchsorted(self._line_ends, self._begins[tags])

    @cached_property
    def _line_ends(self) -> Indices:
        return np.flatnonzero(np.frombuffer(self._data, np.uint8) == ord("\n"))


def read_elements(path: Path, encoding: Encoding) -> Iterator[Elements]:
    """The file in pieces, none of which ends inside an entry (``STMTTRN``).

    Raises ``FileRefusedError`` where an entry or a text is longer than 8 MB, and for a document type.
    """
    for piece in _pieces(path, encoding):
        yield _elements(piece)


def _pieces(path: Path, encoding: Encoding) -> Iterator[Block]:
    pending, row = b"", 1
    for block in blocks(path, encoding):
        pending += block.data
        start = 0
        while len(pending) - start > PIECE_BYTES:
            cut = start + _cut(pending[start : start + PIECE_BYTES].upper(), row)
            yield Block(pending[start:cut], row)
            row += pending.count(b"\n", start, cut)
            start = cut
        pending = pending[start:]
    yield Block(pending, row)


def _cut(window: bytes, row: int) -> int:
    """Where the window, which begins on that line, may be cut: before the last entry that begins in it, or behind the
    last that ends in it; where it has none, before its last tag."""
    end = window.rfind(ENTRY_END)
    cut = max(window.rfind(ENTRY, 1), end + len(ENTRY_END) if end >= 0 else 0)
    if cut <= 0 and not window.startswith(ENTRY):
        cut = window.rfind(b"<")
    if cut <= 0:
        raise FileRefusedError(
            f"an element on line {row} or below is longer than {PIECE_BYTES >> 20} MB, which none of OFX is",
            "Download it again.",
        )
    return cut


def _elements(piece: Block) -> Elements:
    data = piece.data
    if b"<!" in data:
        data = _replaced(_replaced(data, *LITERAL, _escaped), *COMMENT, _only_newlines)
        if DOCUMENT_TYPE.search(data):
            raise FileRefusedError(
                "its XML declares a document type, which no bank statement does",
                "Ask the bank for plain OFX.",
            )
    raw = np.frombuffer(data, np.uint8)
    begins, ends = np.flatnonzero(raw == ord("<")), np.flatnonzero(raw == ord(">"))
    begins = begins[MAY_BEGIN_A_TAG[raw[np.minimum(begins + 1, len(raw) - 1)]]]
    while True:
        # A tag ends at the first “>” after its “<” and before the next; every other “<” is text.
        closes = np.append(ends, len(data))[np.searchsorted(ends, begins)]
        is_tag = closes < np.append(begins[1:], len(data))
        begins, closes = begins[is_tag], closes[is_tag]
        bounds = np.empty(2 * len(begins) + 1, np.int32)
        bounds[:-1:2], bounds[1::2], bounds[-1] = begins, closes + 1, len(data)
        pieces = pa.StringArray.from_buffers(2 * len(begins), pa.py_buffer(bounds), pa.py_buffer(data))
        tags = pieces.take(pa.array(np.arange(0, 2 * len(begins), 2))).dictionary_encode()
        codes: npt.NDArray[np.int32] = tags.indices.to_numpy()
        matches = [TAG.fullmatch(tag) for tag in tags.dictionary.to_pylist()]
        names = tuple((match["name"] or match["instruction"]).upper() for match in matches if match)
        if len(names) == len(matches):
            return Elements(names, codes, data, piece.first_row, begins, pieces)
        begins = begins[np.array([bool(match) for match in matches])[codes]]


def _replaced(data: bytes, begin: bytes, end: bytes, replace: Callable[[bytes], bytes]) -> bytes:
    """The data with what stands between the marks replaced, and the marks gone."""
    first, *others = data.split(begin)
    pieces = [first]
    for other in others:
        inside, found, behind = other.partition(end)
        pieces += [replace(inside), behind] if found else [begin, other]
    return b"".join(pieces)


def _escaped(text: bytes) -> bytes:
    return text.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def _only_newlines(text: bytes) -> bytes:
    return b"\n" * text.count(b"\n")


def _character(match: re.Match[str]) -> str:
    name, decimal, hexadecimal = match.groups()
    if name:
        return ENTITIES[name]
    number = int(decimal) if decimal else int(hexadecimal, 16)
    if number < ord(" "):
        return " "
    return match[0] if number > 0x10FFFF or 0xD800 <= number < 0xE000 else chr(number)


def _as_words(text: str) -> str | None:
    return " ".join(ENTITY.sub(_character, text).split()) or None
