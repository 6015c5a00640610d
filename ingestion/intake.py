"""Intake: everything new in the inbox is read, landed or refused, and recorded; every file ever seen is accounted for.

Here: the order of things for each file. Not here: what files say (``formats``), whose they are (``ownership``), how
they are stored (``landing``, ``manifest``).
"""

import hashlib
import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

import pyarrow as pa

from home.layout import Home
from home.settings import Settings
from ingestion.acceptance import accepted
from ingestion.detection import find_reader, read_head
from ingestion.inbox import GIVE_RIGHT, ScannedFile, Signature, scan_inbox
from ingestion.landing import FileLanding, clear_workshop, is_whole
from ingestion.manifest import (
    ManifestWriter,
    SourceFile,
    as_table,
    key,
    read_manifest,
    readings_in_force,
)
from ingestion.mapping.catalogue import Catalogue
from ingestion.mapping.place import Given, given
from ingestion.mapping.reader import MappedReader
from ingestion.ownership import closing_date_in_name, owners, placing
from ingestion.quarantine import REASON, ROWS, keep_only, one_line, write_refusal
from ingestion.reading import FileRefusedError, Reading

__all__ = ["FileProgress", "Intake", "ScannedFile", "scan", "take_in"]

LOG: Final = logging.getLogger(__name__)
VERSION: Final = version("encours")
REPORT_FAULT: Final = "Keep the file, and report this as a fault of Encours."


@dataclass(frozen=True)
class FileProgress:
    """One new file: its place among the new ones (1 = first), and reading, landed, refused or postponed."""

    source_file: str
    position: int
    count: int
    status: str


@dataclass(frozen=True)
class Intake:
    """What an intake found: the records of the new files, and every file ever seen (schema ``SOURCE_FILES``).

    ``notes`` holds a sentence for each thing that was left out: a file that has to wait for the next intake, a column
    that a new file should not have.
    """

    new_files: tuple[SourceFile, ...]
    source_files: pa.Table
    notes: tuple[str, ...] = ()


class FileChangedError(Exception):
    """The file is not what it was when it was hashed."""


def scan(home: Home) -> list[ScannedFile]:
    """Every regular file under the inbox, sorted by path, with its hash. Unchanged files are not read again."""
    return list(scan_inbox(home).files)


def take_in(
    home: Home,
    settings: Settings,
    *,
    seen_at: datetime,
    on_progress: Callable[[FileProgress], None] | None = None,
) -> Intake:
    """Land everything new in the inbox, and say what is known of every file ever seen.

    A file that cannot be read at all is refused, with its reason, and the rest goes on; a file that changes while it is
    read waits for the next intake. ``intake_number`` counts the intakes that saw something new, from 1.
    """
    clear_workshop(home)
    found = scan_inbox(home)
    known = {key(record): record for record in read_manifest(home)}
    contents = {sha: record for sha, record in readings_in_force(home).items() if not _is_stale(home, record)}
    mappings = _Mappings(settings, found.files, known.values())
    new = [
        file
        for file in found.files
        if (file.source_file, file.sha256) not in known
        or not mappings.still_hold(contents.get(file.sha256), file)
    ]
    number = 1 + max((record.intake_number for record in known.values()), default=0)
    added: list[SourceFile] = []
    notes = list(found.notes)
    report = on_progress or (lambda _: None)
    with ManifestWriter(home) as manifest:
        for position, file in enumerate(new, 1):
            report(FileProgress(file.source_file, position, len(new), "reading"))
            first_seen = known.get((file.source_file, file.sha256))
            try:
                content = contents.get(file.sha256)
                if not content or not mappings.still_hold(content, file):
                    content = _read(home, file, mappings, notes)
            except (FileChangedError, FileNotFoundError):
                notes.append(
                    f"{file.source_file} changed while it was read: it is left for the next refresh."
                )
                report(FileProgress(file.source_file, position, len(new), "postponed"))
                continue
            except PermissionError as error:
                notes.append(f"{file.source_file} cannot be read ({error.strerror}): {GIVE_RIGHT}")
                report(FileProgress(file.source_file, position, len(new), "postponed"))
                continue
            record = replace(
                content,
                source_file=file.source_file,
                size_bytes=file.size_bytes,
                modified_at=file.modified_at,
                first_seen_at=first_seen.first_seen_at if first_seen else seen_at,
                intake_number=first_seen.intake_number if first_seen else number,
                closing_date_in_name=closing_date_in_name(file.source_file) or content.closing_date
                if content.kind == "ledger"
                else None,
            )
            manifest.append(record)
            known[key(record)] = contents[record.source_sha256] = record
            added.append(record)
            report(FileProgress(file.source_file, position, len(new), record.status))
    present = {(file.source_file, file.sha256) for file in found.files}
    current = {
        key(record): record
        for record in _accounted_for(list(known.values()), settings, contents, present, accepted(home))
    }
    return Intake(tuple(current[key(record)] for record in added), as_table(current.values()), tuple(notes))


def _is_stale(home: Home, record: SourceFile) -> bool:
    """Whether the content has to be read again: refused by another version of Encours, or torn by a power cut."""
    if record.status == "refused":
        return record.encours_version != VERSION
    return not all(is_whole(home, table, record) for table in record.tables)


class _Mappings:
    """The mappings of the settings, and whether what was read or refused under earlier ones still holds."""

    def __init__(
        self, settings: Settings, files: Sequence[ScannedFile], known: Collection[SourceFile]
    ) -> None:
        self._settings = settings
        self.catalogue = Catalogue.of(settings)
        self._fingerprint = self.catalogue.fingerprint
        self._paths: dict[str, list[str]] = {}
        for file in files:
            self._paths.setdefault(file.sha256, []).append(file.source_file)
        self._landed = {
            (record.source_sha256, record.basis): record
            for record in known
            if record.basis and record.status == "landed" and record.encours_version == VERSION
        }

    def earlier(self, home: Home, sha256: str, basis: str) -> SourceFile | None:
        """The reading of the same content on the same basis, where it is still whole."""
        record = self._landed.get((sha256, basis))
        return record if record and not _is_stale(home, record) else None

    def decide(self, source_file: str) -> str:
        """The fingerprint of all that decides how a file at this place is mapped."""
        return hashlib.sha256(f"{self._fingerprint} {self.place(source_file)}".encode()).hexdigest()

    def place(self, source_file: str) -> Given:
        """What the place of a file says of it."""
        return given(source_file, self._settings)

    def still_hold(self, content: SourceFile | None, file: ScannedFile) -> bool:
        """Whether nothing that decided the reading of a content, or its refusal, has changed.

        A content that has landed belongs to any place in which it lies; a refused one may be read at another.
        """
        if content is None or content.mappings is None:
            return content is not None
        places = self._paths[file.sha256] if content.status == "landed" else [file.source_file]
        return any(self.decide(place) == content.mappings for place in places)


def _read(home: Home, file: ScannedFile, mappings: _Mappings, notes: list[str]) -> SourceFile:
    """What the file holds, landed or refused; what the reader notes is added to ``notes``.

    What has landed before under the very mapping that fits now is not read again. Raises ``FileChangedError`` when the
    file is not what was hashed any more.
    """
    path = home.inbox / file.source_file
    refused = SourceFile(
        source_file=file.source_file,
        source_sha256=file.sha256,
        size_bytes=file.size_bytes,
        modified_at=file.modified_at,
        first_seen_at=file.modified_at,
        intake_number=0,
        kind="unknown",
        status="refused",
        encours_version=VERSION,
    )
    try:
        head = read_head(path)
        refused = replace(refused, mappings=mappings.decide(file.source_file))
        reader = find_reader(head, mappings.catalogue, mappings.place(file.source_file))
        refused = replace(refused, kind=reader.kind, mappings=None)
        if isinstance(reader, MappedReader):
            refused = replace(refused, mappings=mappings.decide(file.source_file), basis=reader.basis)
            if earlier := mappings.earlier(home, file.sha256, reader.basis):
                return replace(earlier, mappings=refused.mappings)
        with FileLanding(home, file.sha256, file.source_file, reader.tables, refused.basis) as landing:
            reading = reader.read(path, head, file.sha256, landing)
            _check_unchanged(path, file)
            record = _landed(refused, reading, landing)
            keep_only(home, file.source_file, file.sha256, ROWS if record.rows_quarantined else None)
            notes += [f"{file.source_file}: {note}" for note in reading.notes]
            return record
    except FileRefusedError as refusal:
        reason, remedy = refusal.reason, refusal.remedy
    except (OSError, FileChangedError):
        raise
    except Exception as fault:
        # One file must not keep the others from landing, whatever it holds.
        LOG.exception("%s could not be read", file.source_file)
        reason, remedy = f"reading it failed ({type(fault).__name__}: {fault})", REPORT_FAULT
    _check_unchanged(path, file)
    reason = one_line(reason)
    keep_only(home, file.source_file, file.sha256, REASON)
    write_refusal(home, file.source_file, file.sha256, reason, remedy)
    return replace(refused, reason=reason, remedy=remedy)


def _check_unchanged(path: Path, file: ScannedFile) -> None:
    if Signature.of(path) != file.signature:
        raise FileChangedError


def _landed(blank: SourceFile, reading: Reading, landing: FileLanding) -> SourceFile:
    """Commit the landing. A file of which no row could be read is refused, its rows set aside with their reasons."""
    landed, quarantined = landing.rows_landed, landing.rows_quarantined
    if reading.rows_read != landed + quarantined:
        raise FileRefusedError(
            f"{reading.rows_read} rows were read, but {landed} landed and {quarantined} were set aside",
            REPORT_FAULT,
        )
    record = replace(
        blank,
        tables=landing.commit(),
        dialect=reading.dialect,
        rows_read=reading.rows_read,
        rows_landed=landed,
        rows_quarantined=quarantined,
    )
    if (first := landing.first_bad_row) and not landed:
        return replace(
            record,
            reason=f"none of its rows could be read; line {first.source_row}: {first.reason}",
            remedy=first.remedy,
        )
    return replace(
        record,
        status="landed",
        total_debit=reading.total_debit,
        total_credit=reading.total_credit,
        period_start=reading.period_start,
        period_end=reading.period_end,
        median_date=reading.median_date,
        latest_validation_date=reading.latest_validation_date,
        latest_letter_date=reading.latest_letter_date,
        closing_date=reading.closing_date,
        account_numbers=reading.account_numbers,
        party_ids=reading.party_ids,
        company_ids=reading.company_ids,
        names_every_company=reading.names_every_company,
    )


def _accounted_for(
    records: Sequence[SourceFile],
    settings: Settings,
    contents: Mapping[str, SourceFile],
    present: Collection[tuple[str, str]],
    let_in: Collection[str],
) -> Iterator[SourceFile]:
    """The records with what depends on today's inbox and settings: owner, held, duplicate, accepted.

    Of several paths with one content, the content belongs to a path of its latest reading that has an owner and still
    lies in the inbox, and of these to the first seen; when it lies nowhere any more, to the last, so that a file moved
    to its right folder stays there after it is cleared away.
    """
    owned = owners(records, settings)
    places: dict[str, tuple[bool, bool, bool, int]] = {}
    for index, (record, owner) in enumerate(zip(records, owned, strict=True)):
        is_present = key(record) in present
        latest = contents.get(record.source_sha256)
        counts = latest is None or record.basis == latest.basis
        place = (counts, not owner.is_unknown, is_present, -index if is_present else index)
        places[record.source_sha256] = max(place, places.get(record.source_sha256, place))
    for record, owner in zip(records, owned, strict=True):
        main = records[abs(places[record.source_sha256][3])]
        shown = replace(
            record,
            company_id=owner.company_id,
            is_accepted=record.source_sha256 in let_in,
            is_present=key(record) in present,
        )
        if record.status == "landed" and main is not record:
            shown = replace(
                shown,
                status="duplicate",
                reason=f"it has the same content as {main.source_file}",
                remedy="Nothing to do: it counts once.",
                rows_read=0,
                rows_landed=0,
                rows_quarantined=0,
                total_debit=None,
                total_credit=None,
            )
        elif record.status == "landed" and owner.is_unknown:
            reason, remedy = placing(record)
            shown = replace(shown, status="held", reason=reason, remedy=remedy)
        yield shown
