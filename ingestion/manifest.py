"""What has ever been read: one record per path and content, in ``landing/manifest.jsonl``.

The file is only ever appended to, one line of JSON a record, and a record is the commit point of its file: what landed
without one is read again. A line cut short by a killed run is passed over.
"""

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

import pyarrow as pa

from home.layout import Home
from ingestion.schemas import SOURCE_FILES


@dataclass(frozen=True)
class LandedTable:
    """A table of one file: how many rows, and the size of its Parquet file, by which a torn one is known."""

    rows: int
    size_bytes: int


@dataclass(frozen=True)
class SourceFile:
    """A record of the manifest: the columns of ``SOURCE_FILES``, and what is needed to say whose file it is and, in
    ``closing_date``, the fiscal year's end that a ledger itself states.

    ``mappings`` is the fingerprint of all mappings where these had a say in how the file was read or why it was
    refused, and ``basis`` that of what beside the content the reading depended on; it is in the names of landed tables.

    On disk ``status`` is landed or refused; duplicate and held, ``company_id``, ``is_accepted`` and ``is_present`` are
    worked out anew each time.
    """

    source_file: str
    source_sha256: str
    size_bytes: int
    modified_at: datetime
    first_seen_at: datetime
    intake_number: int
    kind: str
    status: str
    dialect: str | None = None
    reason: str | None = None
    remedy: str | None = None
    rows_read: int = 0
    rows_landed: int = 0
    rows_quarantined: int = 0
    total_debit: Decimal | None = None
    total_credit: Decimal | None = None
    period_start: date | None = None
    period_end: date | None = None
    median_date: date | None = None
    latest_validation_date: date | None = None
    latest_letter_date: date | None = None
    closing_date_in_name: date | None = None
    company_id: str | None = None
    is_accepted: bool | None = None
    is_present: bool | None = None
    tables: dict[str, LandedTable] = field(default_factory=dict)
    closing_date: date | None = None
    account_numbers: tuple[str, ...] = ()
    party_ids: tuple[str, ...] = ()
    company_ids: tuple[str, ...] = ()
    names_every_company: bool = False
    encours_version: str = ""
    basis: str = ""
    mappings: str | None = None


READ_BACK: Final[dict[str, Callable[[Any], Any]]] = {
    "modified_at": datetime.fromisoformat,
    "first_seen_at": datetime.fromisoformat,
    "total_debit": Decimal,
    "total_credit": Decimal,
    "period_start": date.fromisoformat,
    "period_end": date.fromisoformat,
    "median_date": date.fromisoformat,
    "latest_validation_date": date.fromisoformat,
    "latest_letter_date": date.fromisoformat,
    "closing_date_in_name": date.fromisoformat,
    "closing_date": date.fromisoformat,
    "tables": lambda tables: {name: LandedTable(**table) for name, table in tables.items()},
    "account_numbers": tuple,
    "party_ids": tuple,
    "company_ids": tuple,
}


def manifest_file(home: Home) -> Path:
    """Where the manifest lies."""
    return home.landing / "manifest.jsonl"


def read_manifest(home: Home) -> list[SourceFile]:
    """Every record, oldest first. Of two for the same path and content the later holds, in the place of the first."""
    return list(_stored(home)[0].values())


def readings_in_force(home: Home) -> dict[str, SourceFile]:
    """For each content its latest record, wherever the file lay then: the one whose tables count."""
    return dict(_stored(home)[1])


Stored = tuple[dict[tuple[str, str], SourceFile], dict[str, SourceFile]]


def _stored(home: Home) -> Stored:
    path = manifest_file(home)
    try:
        stat = path.stat()
    except FileNotFoundError:
        return {}, {}
    return _records(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=1)
def _records(path: Path, size: int, modified_ns: int) -> Stored:
    """The records of a manifest that has this size and time, by path and content, and the latest by content.

    A refresh asks for them once per landed table.
    """
    del size, modified_ns
    records: dict[tuple[str, str], SourceFile] = {}
    latest: dict[str, SourceFile] = {}
    for line in path.read_bytes().split(b"\n"):
        try:
            stored = json.loads(line)
        except ValueError:
            continue
        record = SourceFile(**{name: _read_back(name, value) for name, value in stored.items()})
        records[key(record)] = latest[record.source_sha256] = record
    return records, latest


def _read_back(name: str, value: Any) -> Any:
    return READ_BACK[name](value) if value is not None and name in READ_BACK else value


def key(record: SourceFile) -> tuple[str, str]:
    """What makes a record one: path and content."""
    return record.source_file, record.source_sha256


class ManifestWriter:
    """Appends records, each at once whole on disk or not there; leaving the context makes them outlast a power cut."""

    def __init__(self, home: Home) -> None:
        self._path = manifest_file(home)
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        return self

    def append(self, record: SourceFile) -> None:
        """Add one record."""
        file = self._file = self._file or self._open()
        line = json.dumps(asdict(record), default=str, ensure_ascii=False, separators=(",", ":"))
        file.write(line.encode() + b"\n")
        file.flush()

    def __exit__(self, *_: object) -> None:
        if self._file:
            os.fsync(self._file.fileno())
            self._file.close()

    def _open(self) -> BinaryIO:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("ab+")
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")
        return file


def as_table(records: Iterable[SourceFile]) -> pa.Table:
    """The records with the schema ``SOURCE_FILES``."""
    names = {item.name for item in fields(SourceFile)} & set(SOURCE_FILES.names)
    rows = [{name: getattr(record, name) for name in names} for record in records]
    return pa.Table.from_pylist(rows, SOURCE_FILES)
