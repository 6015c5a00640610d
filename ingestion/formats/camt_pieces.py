"""A camt message of any size as pieces, each an XML document of its own that can be parsed beside the others.

A piece ends where an entry or a statement ends. It begins with the tags that are open there and, within a statement,
with the statement's heading again: whatever holds for an entry stands in its own piece. Comments, processing
instructions and character data are made plain first, so that a tag is a tag wherever its characters stand. No line is
lost or added: the lines of a piece are those of the file.

Here: bytes. Not here: what any element means.
"""

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import quoteattr

import numpy as np
import numpy.typing as npt
from lxml import etree

from ingestion.formats.text import BOMS, looks_wide
from ingestion.reading import FileRefusedError

BLOCK_BYTES: Final = 256 << 10
"""A tree of some 300 entries stays in the processor's cache: of ten times as many it takes a third longer to read."""

LARGEST_ENTRY_BYTES: Final = 128 << 20
LARGEST_HEADING_BYTES: Final = 1 << 20
MOST_ELEMENTS: Final = 2_000_000
"""In one piece: a batch of 80,000 details. Each takes some 200 bytes as a tree, however short its tag is."""

SAFE: Final[dict[str, Any]] = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "remove_blank_text": True,
}
"""No entity, document type or network; libxml2's own limits on depth and size of a node hold."""

MESSAGES: Final = {"BkToCstmrStmt": "Stmt", "BkToCstmrAcctRpt": "Rpt", "BkToCstmrDbtCdtNtfctn": "Ntfctn"}
"""The messages by name (without the ``V01`` of their first version), and what their statements are called."""

ENTRY: Final = "Ntry"
LINE_FEED: Final = 10

FIRST_STATEMENT: Final = re.compile(rb"<(?:[^\s<>/:]+:)?(?:Stmt|Rpt|Ntfctn)(?=[\s/>])")
DECLARED_ENCODING: Final = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']""")
AFTER_TAG: Final = (b" ", b"\t", b"\r", b"\n", b"/", b">")
ASIDE: Final = re.compile(
    rb"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[(?P<text>.*?)\]\]>"
    rb"|(?P<unfinished><!--|<\?|<!\[CDATA\[|<(?:!(?:-|\[[A-Z]{0,5})?)?\Z)",
    re.DOTALL,
)
"""What is no tag though it begins like one: a comment, an instruction, character data, or what may become one."""

DOWNLOAD_AGAIN: Final = "Download it again, or ask the bank for it again."


@dataclass(frozen=True)
class Frame:
    """What stands around the statements of a file: its message and namespace, and the ``depth`` tags around them."""

    message: str
    namespace: str
    prefix: bytes
    opening: bytes
    closing: bytes
    depth: int

    @property
    def statement(self) -> str:
        """What the message calls a statement."""
        return MESSAGES[self.message]

    def qualified(self, name: str) -> str:
        """An element's name as lxml writes it."""
        return f"{{{self.namespace}}}{name}" if self.namespace else name

    def tag(self, name: str, *, is_end: bool = False) -> bytes:
        """The beginning of a tag as the file writes it."""
        return (b"</" if is_end else b"<") + self.prefix + name.encode()


@dataclass(frozen=True)
class Piece:
    """A part of the file and what makes a document of it.

    ``content`` begins on line ``first_row`` of the file. ``heading`` is that of the statement which the piece
    continues, else empty; ``is_open`` says that the statement at its end goes on in the next one.
    """

    frame: Frame
    before: bytes
    heading: bytes
    content: bytes
    after: bytes
    first_row: int
    is_open: bool

    @property
    def goes_on(self) -> bool:
        """Whether the piece begins within a statement."""
        return bool(self.heading)

    def parse(self) -> Any:
        """The piece as a tree. Raises ``FileRefusedError`` when its XML is broken."""
        return parsed(self.before + self.heading + self.content + self.after, self.first_row)

    def statements(self, tree: Any) -> list[Any]:
        """The statements in the tree, in order."""
        level = [tree]
        for _ in range(self.frame.depth):
            level = [child for element in level for child in element]
        name = self.frame.qualified(self.frame.statement)
        return [element for element in level if element.tag == name]

    def places(self, name: str) -> list[int]:
        """Where each opening tag of that name stands in the content, in order."""
        tag = self.frame.tag(name)
        if tag not in self.content:
            return []
        return [match.start() for match in re.finditer(re.escape(tag) + rb"(?=[\s/>])", self.content)]

    def rows(self, places: Sequence[int]) -> npt.NDArray[np.int64]:
        """The lines of the file on which places of the content stand."""
        breaks = np.flatnonzero(np.frombuffer(self.content, np.uint8) == LINE_FEED)
        return self.first_row + np.searchsorted(breaks, np.asarray(places, np.int64))

    def element(self, name: str, place: int) -> str:
        """The element of that name at a place of the content, as it stands there."""
        end = re.compile(re.escape(self.frame.tag(name, is_end=True)) + rb"\s*>").search(self.content, place)
        return self.content[place : end.end() if end else None].decode("utf-8", "replace")


def pieces(path: Path) -> Iterator[Piece]:
    """The file in pieces of at least ``BLOCK_BYTES``, save the last.

    Raises ``FileRefusedError`` when the message has a document type or no statement, when its beginning is broken XML,
    and when one entry alone is larger than 128 MB.
    """
    content, heading, before = b"", b"", b""
    frame: Frame | None = None
    row = 1
    for block in _plain_blocks(path):
        content += block
        if len(content) < BLOCK_BYTES // 2:
            continue
        frame = frame or _frame(content)
        if frame and (cut := _cut(frame, content)):
            end, is_open = cut
            part, content = content[:end], content[end:]
            next_heading = _heading(frame, heading, part, row) if is_open else b""
            after = (frame.tag(frame.statement, is_end=True) + b">" if is_open else b"") + frame.closing
            yield Piece(frame, before, heading, part, after, row, is_open)
            before, heading = frame.opening, next_heading
            row += part.count(b"\n")
        elif len(content) > LARGEST_ENTRY_BYTES:
            raise FileRefusedError(
                f"128 MB from line {row} on hold no end of an entry", "Ask the bank for smaller files."
            )
    frame = frame or _frame(content)
    if not frame:
        parsed(content, 1)
        raise FileRefusedError("it is a camt message without a statement", "Ask the bank for the file again.")
    yield Piece(frame, before, heading, content, b"", row, is_open=False)


def parsed(document: bytes, first_row: int) -> Any:
    """A document whose first line is ``first_row`` of the file, as a tree.

    Raises ``FileRefusedError`` when it is broken, or when it has more elements than memory is for.
    """
    if len(document) > MOST_ELEMENTS and document.count(b"<") - document.count(b"</") > MOST_ELEMENTS:
        raise FileRefusedError(
            f"it has more than {MOST_ELEMENTS:,} elements between one entry and the next, from line {first_row} on",
            "Ask the bank for smaller files.",
        )
    try:
        return etree.fromstring(document, etree.XMLParser(**SAFE))
    except etree.XMLSyntaxError as error:
        raise _broken(error, first_row) from None


def _broken(error: Any, first_row: int) -> FileRefusedError:
    what = re.sub(r",? line \d+(, column \d+)?", "", error.msg or "not well-formed")
    what = re.sub(r" \(<string>\)$", "", what).rstrip(" .")
    return FileRefusedError(
        f"its XML is broken at line {first_row - 1 + (error.lineno or 1)}: {what}", DOWNLOAD_AGAIN
    )


def _plain_blocks(path: Path) -> Iterator[bytes]:
    """The file as UTF-8 without comments and processing instructions, its character data escaped."""
    rest = b""
    for block in _utf8_blocks(path):
        plain, rest = _plain(rest + block)
        yield plain
        if len(rest) > LARGEST_ENTRY_BYTES:
            raise FileRefusedError("it holds a comment of more than 128 MB", DOWNLOAD_AGAIN)
    yield rest


def _plain(data: bytes) -> tuple[bytes, bytes]:
    """The data made plain as far as it is certain what it is, and the rest as it stands."""
    if not _holds(data, b"<!") and not _holds(data, b"<?"):
        return (data[:-1], b"<") if data.endswith(b"<") else (data, b"")
    parts, place = [], 0
    for match in ASIDE.finditer(data):
        parts.append(data[place : match.start()])
        place = match.end()
        if match["unfinished"]:
            return b"".join(parts), data[match.start() :]
        if (text := match["text"]) is not None:
            parts.append(text.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;"))
        else:
            parts.append(b"\n" * match[0].count(b"\n"))
    return b"".join(parts) + data[place:], b""


def _holds(data: bytes, sign: bytes) -> bool:
    """Whether a sign of two bytes stands in the data; its second, which is rare, is searched far faster alone."""
    return sign[1:] in data and sign in data


def _utf8_blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        block = file.read(BLOCK_BYTES)
        codec, bom_bytes = _codec(block)
        block = block[bom_bytes:]
        if codec == "utf-8":
            while block:
                yield block
                block = file.read(BLOCK_BYTES)
            return
        decoder = codecs.getincrementaldecoder(codec)()
        row = 1
        try:
            while block:
                text = decoder.decode(block).encode()
                row += text.count(b"\n")
                yield text
                block = file.read(BLOCK_BYTES)
            decoder.decode(b"", final=True)
        except UnicodeError:
            raise FileRefusedError(
                f"its XML is broken after line {row}: bytes that are no text in {codec}", DOWNLOAD_AGAIN
            ) from None


def _codec(head: bytes) -> tuple[str, int]:
    """The encoding of the file and the bytes of its mark: as marked, as it looks, as declared, else UTF-8."""
    for bom, codec, _ in BOMS:
        if head.startswith(bom):
            return codec, len(bom)
    if wide := looks_wide(head):
        return wide, 0
    declared = DECLARED_ENCODING.search(head[:1024])
    if not declared or declared[1].upper().startswith(b"UTF-16"):
        return "utf-8", 0
    name = declared[1].decode()
    try:
        codec = codecs.lookup(name).name
        codecs.getincrementaldecoder(codec)()
    except LookupError:
        raise FileRefusedError(
            f"its XML declares an encoding that cannot be read ({name})", "Ask the bank for it in UTF-8."
        ) from None
    return ("utf-8" if codec == "ascii" else codec), 0


def _frame(content: bytes) -> Frame | None:
    """What stands around the first statement, once it has begun."""
    found = FIRST_STATEMENT.search(content)
    if b"<!DOCTYPE" in content[: found.start() if found else len(content)]:
        raise FileRefusedError(
            "its XML declares a document type, which no bank statement does",
            "Ask the bank for plain camt.053.",
        )
    if not found or b">" not in content[found.end() :]:
        return None
    end = content.index(b">", found.end()) + 1
    parser = etree.XMLPullParser(events=("start",), **SAFE)
    try:
        parser.feed(content[:end])
        started = [element for _, element in parser.read_events()]
    except etree.XMLSyntaxError as error:
        raise _broken(error, 1) from None
    for element in started:
        name = element.tag.rpartition("}")[2]
        if ":" in name:
            raise FileRefusedError(
                f"its XML is broken at line {element.sourceline}: the prefix of {name} is not declared",
                DOWNLOAD_AGAIN,
            )
    return _around(started[-1]) if started else None


def _around(statement: Any) -> Frame | None:
    around = [*statement.iterancestors()][::-1]
    message = etree.QName(around[-1]).localname.removesuffix("V01") if around else ""
    if message not in MESSAGES:
        return None
    names = [
        f"{one.prefix}:{etree.QName(one).localname}" if one.prefix else etree.QName(one).localname
        for one in around
    ]
    opening = "".join(f"<{name}{_declared(one)}>" for name, one in zip(names, around, strict=True))
    return Frame(
        message,
        etree.QName(statement).namespace or "",
        f"{statement.prefix}:".encode() if statement.prefix else b"",
        opening.encode(),
        "".join(f"</{name}>" for name in reversed(names)).encode(),
        len(names),
    )


def _declared(element: Any) -> str:
    return "".join(
        f" xmlns{f':{prefix}' if prefix else ''}={quoteattr(name)}" for prefix, name in element.nsmap.items()
    )


def _cut(frame: Frame, content: bytes) -> tuple[int, bool] | None:
    """Behind the last end of an entry or a statement, and whether the statement goes on there."""
    entry = _last(frame.tag(ENTRY, is_end=True), content)
    statement = _last(frame.tag(frame.statement, is_end=True), content)
    last = max(entry, statement)
    end = content.find(b">", last) + 1
    return (end, entry > statement) if last >= 0 and end else None


def _heading(frame: Frame, heading: bytes, content: bytes, row: int) -> bytes:
    """The heading of the statement that is open at the end of the content, on one line."""
    begin = _last(frame.tag(frame.statement), content)
    if begin < 0:
        return heading
    end = begin
    tag = frame.tag(ENTRY)
    while (end := content.find(tag, end)) >= 0 and content[
        end + len(tag) : end + len(tag) + 1
    ] not in AFTER_TAG:
        end += len(tag)
    if end - begin > LARGEST_HEADING_BYTES:
        line = row + content.count(b"\n", 0, begin)
        raise FileRefusedError(
            f"its statement on line {line} has a heading of more than 1 MB",
            "Ask the bank for the file again.",
        )
    return content[begin:end].replace(b"\n", b" ")


def _last(tag: bytes, content: bytes) -> int:
    """Where the last tag that begins so stands, or -1."""
    place = len(content)
    while (place := content.rfind(tag, 0, place)) >= 0:
        if content[place + len(tag) : place + len(tag) + 1] in AFTER_TAG:
            break
    return place
