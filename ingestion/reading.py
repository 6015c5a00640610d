"""What a reader is: the vocabulary that ``detection``, the readers under ``formats`` and ``landing`` share.

Here: the types that pass between them. Not here: any format, any path of a home.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Protocol

import pyarrow as pa


class FileRefusedError(Exception):
    """A whole file cannot be read. ``reason`` and ``remedy`` are one sentence each, for people."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


class UnreadableError(ValueError):
    """A cell or a row cannot be read. ``reason`` and ``remedy`` are one sentence each, for people."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True)
class Head:
    """The beginning of a file: ``raw`` bytes, and ``text`` as far as they are text (empty when they are not)."""

    raw: bytes
    text: str
    path: Path


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be read: its physical line, why, what to do, and the row as it stands in the file."""

    source_row: int
    reason: str
    remedy: str
    raw: str


class Sink(Protocol):
    """Where a reader puts what it reads; nothing becomes visible before the whole file is read."""

    def write(self, table: str, rows: pa.Table) -> None:
        """Add rows to a table of ``ingestion.schemas``; text columns may be dictionary-encoded."""

    def quarantine(self, rows: Sequence[BadRow]) -> None:
        """Set aside rows that cannot be read."""


@dataclass(frozen=True)
class Reading:
    """What a reader says of a file that it has read.

    ``rows_read`` is counted from the file, not from what was handed to the sink, so that the two can be compared.
    ``closing_date`` is the fiscal year's end where the file says it itself. ``account_numbers`` are the bank accounts
    found, ``party_ids`` the SIRENs and VAT numbers of an invoice's seller and buyer. ``company_ids`` are the companies
    that the rows name themselves, and ``names_every_company`` says that no row leaves it open, or that rows of this
    kind are of no company. ``notes`` are sentences for people about what was left out of the file on purpose.
    """

    dialect: str
    rows_read: int
    total_debit: Decimal | None = None
    total_credit: Decimal | None = None
    period_start: date | None = None
    period_end: date | None = None
    median_date: date | None = None
    latest_validation_date: date | None = None
    latest_letter_date: date | None = None
    closing_date: date | None = None
    notes: tuple[str, ...] = ()
    account_numbers: tuple[str, ...] = ()
    party_ids: tuple[str, ...] = ()
    company_ids: tuple[str, ...] = ()
    names_every_company: bool = False


class Reader(Protocol):
    """One format. A module of ``ingestion.formats`` offers its reader under the name ``READER``."""

    @property
    def kind(self) -> str:
        """The kind of file, as ``source_files.kind`` names it."""

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that a file of this kind lands in; the rows of the first are those that are counted."""

    def recognise(self, head: Head) -> bool:
        """Whether a file that begins so is of this format."""

    def read(self, path: Path, head: Head, sha256: str, sink: Sink) -> Reading:
        """Read the whole file into the sink. Raises ``FileRefusedError`` when the file cannot be read at all."""


@dataclass
class DateSpan:
    """The first, last and middle date of what has been seen so far."""

    counts: dict[date, int] = field(default_factory=dict)

    def add(self, day: date, count: int = 1) -> None:
        """Count ``count`` rows of that day."""
        self.counts[day] = self.counts.get(day, 0) + count

    @property
    def start(self) -> date | None:
        """The earliest date."""
        return min(self.counts, default=None)

    @property
    def end(self) -> date | None:
        """The latest date."""
        return max(self.counts, default=None)

    @property
    def median(self) -> date | None:
        """The date of the middle row, the lower of the two when their number is even."""
        middle = (sum(self.counts.values()) + 1) // 2
        seen = 0
        for day in sorted(self.counts):
            seen += self.counts[day]
            if seen >= middle:
                return day
        return None
