"""camt.053, camt.052 and camt.054 of ISO 20022 (001.01 to 001.13), into ``bank_statements`` and ``bank_transactions``.

camt.053 is the statement of closed days, camt.052 the report of what was booked so far, camt.054 the notification of
movements one by one, or of the details of a batch. The three share their entries. A file is cut into pieces
(``camt_pieces``), which two threads turn into movements (``camt_entries``); here they become statements again.

Reversals. ISO 20022 (camt.053, ``RvslInd``, usage): “If the CreditDebitIndicator is CRDT and ReversalIndicator is Yes,
the original operation was a debit entry”: the indicator is that of the reversal itself. Some banks leave the
indicator of the original operation (OCA/bank-statement-import #375). The statement's own balances tell which: the
reversals of a statement change sign when it adds up so, and not otherwise.
"""

import re
import tempfile
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.formats.camt_entries import (
    ASK_AGAIN,
    BEGINS_ENTRY,
    BEGINS_STATEMENT,
    Owner,
    bare,
    read_entries,
    told_by,
)
from ingestion.formats.camt_headings import read_heading
from ingestion.formats.camt_pieces import ENTRY, Frame, Piece, pieces
from ingestion.formats.statements import (
    NOTIFICATION,
    REPORT,
    STATEMENT,
    Heading,
    StatementFile,
    decimal_of,
)
from ingestion.reading import BadRow, FileRefusedError, Head, Reading, Sink, UnreadableError
from ingestion.schemas import BANK_AMOUNT

ROOT_SEARCHED: Final = 8 << 10
MESSAGE: Final = re.compile(
    r"<(?:[\w.-]+:)?(?:BkToCstmrStmt|BkToCstmrAcctRpt|BkToCstmrDbtCdtNtfctn)(?:V01)?[\s>]"
)
NAMESPACE: Final = re.compile(r"camt\.05[234]\.001\.(\d{2})")

KINDS: Final = {
    "BkToCstmrStmt": ("camt.053", STATEMENT),
    "BkToCstmrAcctRpt": ("camt.052", REPORT),
    "BkToCstmrDbtCdtNtfctn": ("camt.054", NOTIFICATION),
}

THREADS: Final = 2
AHEAD: Final = 2
"""Batches that wait beyond those in work."""

BATCH_BYTES: Final = 2 << 20
"""Pieces become columns together: some 3,000 entries, so that the fixed cost of a column vanishes."""

HELD_IN_MEMORY: Final = 16 << 20
"""Bytes of a statement with reversals that are kept in memory until its end; what is more waits on the disk."""


class CamtReader:
    """Reads camt.053, camt.052 and camt.054 into ``bank_transactions`` and ``bank_statements``."""

    kind = "bank_statement"
    tables = ("bank_transactions", "bank_statements")

    def recognise(self, head: Head) -> bool:
        """Whether the file begins as an XML document whose message is one of the three."""
        start = head.text.lstrip("\ufeff \t\r\n")
        return start.startswith("<") and bool(
            MESSAGE.search(start) or NAMESPACE.search(start[:ROOT_SEARCHED])
        )

    def read(self, path: Path, head: Head, sha256: str, sink: Sink) -> Reading:
        """Land every booked entry.

        Raises ``FileRefusedError`` when the XML is broken, has a document type or has no statement.
        """
        del head
        with tempfile.SpooledTemporaryFile(HELD_IN_MEMORY) as shelf:
            message = _Message(StatementFile(sha256, sink), shelf)
            for content in _in_order(pieces(path)):
                message.take(content)
            return message.reading()


READER: Final = CamtReader()


@dataclass(frozen=True)
class _Part:
    """A statement as far as it is read: its line (none where it goes on), heading and movements."""

    row: int | None
    heading: Heading
    movements: pa.Table
    is_open: bool


@dataclass(frozen=True)
class _Content:
    """What pieces that follow each other hold."""

    frame: Frame
    parts: Sequence[_Part]
    bad: Sequence[BadRow]
    left_out: int


def _in_order(found: Iterator[Piece]) -> Iterator[_Content]:
    """What the pieces hold, in their order; worked out in threads where there are many."""
    batches = _batches(found)
    first = list(islice(batches, 2))
    if len(first) == 1:
        yield _content(*first)
        return
    waiting: deque[Future[_Content]] = deque()
    with ThreadPoolExecutor(THREADS) as threads:
        for batch in chain(first, batches):
            waiting.append(threads.submit(_content, batch))
            if len(waiting) == THREADS + AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _batches(found: Iterator[Piece]) -> Iterator[list[Piece]]:
    batch: list[Piece] = []
    size = 0
    for piece in found:
        batch.append(piece)
        size += len(piece.content)
        if size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _content(batch: Sequence[Piece]) -> _Content:
    """What pieces that follow each other hold, those of one statement in one part.

    Raises ``FileRefusedError`` when an entry stands outside of a statement.
    """
    frame = batch[0].frame
    told: list[memoryview] = []
    rows: list[int | None] = []
    headings: list[Heading] = []
    entry_rows: list[npt.NDArray[np.int64]] = []
    for piece in batch:
        part = _read(piece, is_first=piece is batch[0])
        told.append(part.told)
        rows += part.rows
        headings += part.headings
        entry_rows.append(part.entry_rows)
    entries = read_entries(b"".join(told), [_owner(heading) for heading in headings])
    lines = np.concatenate(entry_rows)
    movements = entries.movements
    movements = _with(movements, "source_row", pa.array(lines[movements.column("source_row").to_numpy()]))
    bounds = np.searchsorted(movements.column("statement_ordinal").to_numpy(), np.arange(1, len(rows) + 2))
    parts = [
        _Part(row, heading, movements[bounds[number] : bounds[number + 1]], is_open=False)
        for number, (row, heading) in enumerate(zip(rows, headings, strict=True))
    ]
    if batch[-1].is_open:
        parts[-1] = replace(parts[-1], is_open=True)
    return _Content(frame, parts, _bad_rows(batch, lines, entries.problems), entries.left_out)


class _Told(NamedTuple):
    """What a piece tells, the lines (none where it goes on) and headings of its statements, and its entries' lines."""

    told: memoryview
    rows: list[int | None]
    headings: list[Heading]
    entry_rows: npt.NDArray[np.int64]


def _read(piece: Piece, *, is_first: bool) -> _Told:
    """A piece by itself. A statement that it goes on with is passed over unless it is the first of its batch."""
    frame, tree = piece.frame, piece.parse()
    nodes = piece.statements(tree)
    rows: list[int | None] = [None] * piece.goes_on
    rows += piece.rows(piece.places(frame.statement)).tolist()
    if len(nodes) != len(rows):
        raise FileRefusedError(
            f"its statements from line {rows[0] or piece.first_row} on do not stand side by side", ASK_AGAIN
        )
    told = told_by(tree, frame)
    entry_rows = piece.rows(piece.places(ENTRY))
    if told.count(BEGINS_ENTRY) != len(entry_rows):
        raise FileRefusedError(
            f"the entries from line {entry_rows[_misplaced(tree, frame)]} on do not stand in a statement",
            ASK_AGAIN,
        )
    kind = KINDS[frame.message][1]
    passed_over = int(piece.goes_on and not is_first)
    headings = [
        read_heading(node, kind, row or piece.first_row)
        for node, row in zip(nodes[passed_over:], rows[passed_over:], strict=True)
    ]
    return _Told(
        memoryview(told)[passed_over * len(BEGINS_STATEMENT) :], rows[passed_over:], headings, entry_rows
    )


def _bad_rows(
    batch: Sequence[Piece], lines: npt.NDArray[np.int64], problems: Mapping[int, UnreadableError]
) -> list[BadRow]:
    """The entries that cannot be read, as they stand in their pieces."""
    if not problems:
        return []
    places = [(piece, place) for piece in batch for place in piece.places(ENTRY)]
    return [
        BadRow(
            int(lines[number]),
            problem.reason,
            problem.remedy,
            places[number][0].element(ENTRY, places[number][1]),
        )
        for number, problem in problems.items()
    ]


def _misplaced(tree: Any, frame: Frame) -> int:
    """The number of the first entry, from 0, that does not stand in a statement."""
    entries = tree.iter(frame.qualified(ENTRY))
    statement = frame.qualified(frame.statement)
    return next((number for number, one in enumerate(entries) if one.getparent().tag != statement), 0)


class _Message:
    """A file as it is read: its statements on their way, and what its dialect tells."""

    def __init__(self, file: StatementFile, shelf: IO[bytes]) -> None:
        self._file = file
        self._shelf = shelf
        self._statement: _Statement | None = None
        self._frame: Frame | None = None
        self._left_out = 0
        self._turned = 0

    def take(self, content: _Content) -> None:
        """Land what comes next."""
        self._frame = content.frame
        self._left_out += content.left_out
        self._file.set_aside(content.bad)
        for part in content.parts:
            if part.row is not None:
                ordinal = self._file.begin(part.heading, part.row)
                self._statement = _Statement(self._file, ordinal, self._shelf)
            assert self._statement is not None
            self._statement.take(part.movements)
            if not part.is_open:
                self._turned += self._statement.end(part.heading)

    def reading(self) -> Reading:
        """The file's own entry in the manifest."""
        assert self._frame is not None
        version = NAMESPACE.search(self._frame.namespace)
        dialect = [KINDS[self._frame.message][0], f"001.{version[1]}" if version else "no version"]
        if self._left_out:
            dialect.append(f"entries not booked, left out {self._left_out}")
        if self._turned:
            dialect.append(f"statements whose reversals bear the original's sign {self._turned}")
        return self._file.reading(";".join(dialect))


class _Statement:
    """A statement on its way. From its first reversal on it is held: its end tells which sign reversals have."""

    def __init__(self, file: StatementFile, ordinal: int, shelf: IO[bytes]) -> None:
        self._file = file
        self._ordinal = ordinal
        self._shelf = shelf
        self._entries = 0
        self._total = Decimal(0)
        self._reversed = Decimal(0)
        self._held: _Held | None = None

    def take(self, movements: pa.Table) -> None:
        """Land movements, or hold them."""
        if not len(movements):
            return
        ordinal = pa.repeat(pa.scalar(self._ordinal, pa.int32()), len(movements))
        movements = _with(movements, "statement_ordinal", ordinal)
        if self._entries:
            entry = pc.add(movements.column("entry_ordinal"), pa.scalar(self._entries, pa.int32()))
            movements = _with(movements, "entry_ordinal", entry)
        self._entries = movements.column("entry_ordinal")[-1].as_py()
        entries = movements.filter(pc.less_equal(movements.column("detail_ordinal"), 1))
        self._total += _sum(entries)
        is_reversal = entries.column("is_reversal")
        if pc.any(is_reversal).as_py():
            self._reversed += _sum(entries.filter(is_reversal))
            self._held = self._held or _Held(self._shelf, movements.schema)
        if self._held:
            self._held.add(movements)
        else:
            self._file.take(movements)

    def end(self, heading: Heading) -> bool:
        """Land what is held. Returns whether reversals bore the sign of the original and were turned."""
        if not self._held:
            return False
        turns = self._marks_the_original(heading)
        for movements in self._held.tables():
            self._file.take(_with_reversals_turned(movements) if turns else movements)
        return turns

    def _marks_the_original(self, heading: Heading) -> bool:
        """Whether the statement adds up only when its reversals are read as marked with the original's direction."""
        if not (self._reversed and heading.opening and heading.closing):
            return False
        moved = decimal_of(heading.closing.units - heading.opening.units)
        return moved != self._total and moved == self._total - 2 * self._reversed


class _Held:
    """Movements on a shelf, where they wait for the end of their statement."""

    def __init__(self, shelf: IO[bytes], schema: pa.Schema) -> None:
        shelf.seek(0)
        shelf.truncate()
        self._shelf = shelf
        self._writer = pa.ipc.new_stream(shelf, schema)

    def add(self, movements: pa.Table) -> None:
        """Keep them."""
        self._writer.write_table(movements)

    def tables(self) -> Iterator[pa.Table]:
        """All that were kept, in order."""
        self._writer.close()
        self._shelf.seek(0)
        for batch in pa.ipc.open_stream(self._shelf):
            yield pa.Table.from_batches([batch])


def _with(movements: pa.Table, name: str, values: Any) -> pa.Table:
    return movements.set_column(movements.column_names.index(name), name, values)


def _sum(movements: pa.Table) -> Decimal:
    total: Decimal | None = pc.sum(movements.column("entry_amount")).as_py()
    return total or Decimal(0)


def _with_reversals_turned(movements: pa.Table) -> pa.Table:
    for name in ("amount", "entry_amount"):
        amount = movements.column(name)
        turned = pc.if_else(movements.column("is_reversal"), pc.negate(amount), amount)
        movements = _with(movements, name, turned.cast(BANK_AMOUNT))
    return movements


def _owner(heading: Heading) -> Owner:
    closing_day = heading.closing.day if heading.closing else None
    written_on = heading.created_at.date() if heading.created_at else None
    return Owner(bare(heading.account_number), heading.to_date or closing_day or written_on)
