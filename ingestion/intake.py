"""Intake: everything new in the inbox is read, landed or refused, and recorded; then every file ever seen is accounted for.

Here: the order of things for each file. Not here: what files say (``formats``), whose they are (``ownership``), how
they are stored (``landing``, ``manifest``).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from typing import Final, Literal

import pyarrow as pa

from home.layout import Home
from home.settings import Settings
from ingestion.acceptance import accepted
from ingestion.detection import find_reader, read_head
from ingestion.inbox import ScannedFile, Signature, scan_inbox
from ingestion.landing import FileLanding, clear_workshop, is_whole
from ingestion.manifest import ManifestWriter, SourceFile, as_table, read_manifest
from ingestion.ownership import closing_date_in_name, owners, placing
from ingestion.quarantine import write_refusal
from ingestion.reading import Reading, Refusal

__all__ = ["FileProgress", "Intake", "ScannedFile", "scan", "take_in"]

VERSION: Final = version("encours")


@dataclass(frozen=True)
class FileProgress:
    """One new file: its place among the new ones (1 = first), and what became of it (``reading`` when it begins)."""

    source_file: str
    position: int
    count: int
    status: Literal["reading", "landed", "refused", "postponed"]


@dataclass(frozen=True)
class Intake:
    """What an intake found: the records of the new files, every file ever seen (schema ``SOURCE_FILES``), and a sentence
    for each thing in the inbox that has to wait for the next intake."""

    new_files: tuple[SourceFile, ...]
    source_files: pa.Table
    notes: tuple[str, ...] = ()


class ChangedMeanwhile(Exception):
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
    records = {(record.source_file, record.source_sha256): record for record in read_manifest(home)}
    contents = {record.source_sha256: record for record in records.values() if not _is_stale(home, record)}
    new = [
        file
        for file in found.files
        if (file.source_file, file.sha256) not in records or file.sha256 not in contents
    ]
    number = 1 + max((record.intake_number for record in records.values()), default=0)
    added: list[tuple[str, str]] = []
    notes = list(found.notes)
    report = on_progress or (lambda _: None)
    if new:
        manifest = ManifestWriter(home)
        try:
            for position, file in enumerate(new, 1):
                report(FileProgress(file.source_file, position, len(new), "reading"))
                try:
                    record = _record(home, file, contents.get(file.sha256), seen_at, number)
                except (ChangedMeanwhile, FileNotFoundError):
                    notes.append(
                        f"{file.source_file} changed while it was read: it is left for the next refresh."
                    )
                    report(FileProgress(file.source_file, position, len(new), "postponed"))
                    continue
                except PermissionError as error:
                    notes.append(
                        f"{file.source_file} cannot be read ({error.strerror}): give the user that runs Encours the right to read it."
                    )
                    report(FileProgress(file.source_file, position, len(new), "postponed"))
                    continue
                key = (record.source_file, record.source_sha256)
                if key in records:
                    record = replace(
                        record,
                        first_seen_at=records[key].first_seen_at,
                        intake_number=records[key].intake_number,
                    )
                manifest.append(record)
                records[key] = contents[record.source_sha256] = record
                added.append(key)
                report(
                    FileProgress(
                        file.source_file, position, len(new), "landed" if record.tables else "refused"
                    )
                )
        finally:
            manifest.close()
    present = {(file.source_file, file.sha256) for file in found.files}
    current = _accounted_for(list(records.values()), settings, present, accepted(home))
    by_key = {(record.source_file, record.source_sha256): record for record in current}
    return Intake(tuple(by_key[key] for key in added), as_table(current), tuple(notes))


def _is_stale(home: Home, record: SourceFile) -> bool:
    """Whether the content has to be read again: refused by another version of Encours, or torn by a power cut."""
    if record.status == "refused":
        return record.encours_version != VERSION
    return not all(
        is_whole(home, table, record.source_sha256, landed) for table, landed in record.tables.items()
    )


def _record(
    home: Home, file: ScannedFile, known: SourceFile | None, seen_at: datetime, number: int
) -> SourceFile:
    if known:
        record = known
    else:
        record = _read(home, file, seen_at, number)
    return replace(
        record,
        source_file=file.source_file,
        size_bytes=file.size_bytes,
        modified_at=file.modified_at,
        first_seen_at=seen_at,
        intake_number=number,
        closing_date_in_name=closing_date_in_name(file.source_file) if record.kind == "ledger" else None,
        encours_version=VERSION,
    )


def _read(home: Home, file: ScannedFile, seen_at: datetime, number: int) -> SourceFile:
    path = home.inbox / file.source_file
    blank = SourceFile(
        source_file=file.source_file,
        source_sha256=file.sha256,
        size_bytes=file.size_bytes,
        modified_at=file.modified_at,
        first_seen_at=seen_at,
        intake_number=number,
        kind="unknown",
        status="refused",
    )
    kind = "unknown"
    try:
        head = read_head(path)
        reader = find_reader(head)
        kind = reader.kind
        with FileLanding(home, file.sha256, file.source_file, reader.tables) as landing:
            reading = reader.read(path, head, file.sha256, landing)
            if Signature.of(path) != file.signature:
                raise ChangedMeanwhile
            landed, quarantined = landing.rows_landed, landing.rows_quarantined
            if reading.rows_read != landed + quarantined:
                raise Refusal(
                    f"{reading.rows_read} rows were read, but {landed} landed and {quarantined} were set aside",
                    "This is a fault of Encours: report it with the file's dialect, and keep the file.",
                )
            return _landed(blank, kind, reading, landing)
    except Refusal as refusal:
        if Signature.of(path) != file.signature:
            raise ChangedMeanwhile from None
        write_refusal(home, file.source_file, file.sha256, refusal.reason, refusal.remedy)
        return replace(blank, kind=kind, reason=refusal.reason, remedy=refusal.remedy)


def _landed(blank: SourceFile, kind: str, reading: Reading, landing: FileLanding) -> SourceFile:
    return replace(
        blank,
        kind=kind,
        status="landed",
        tables=landing.commit(),
        dialect=reading.dialect,
        rows_read=reading.rows_read,
        rows_landed=landing.rows_landed,
        rows_quarantined=landing.rows_quarantined,
        total_debit=reading.total_debit,
        total_credit=reading.total_credit,
        period_start=reading.period_start,
        period_end=reading.period_end,
        median_date=reading.median_date,
        latest_validation_date=reading.latest_validation_date,
        latest_letter_date=reading.latest_letter_date,
        account_numbers=reading.account_numbers,
        company_ids=reading.company_ids,
        names_every_company=reading.names_every_company,
    )


def _accounted_for(
    records: list[SourceFile],
    settings: Settings,
    present: Iterable[tuple[str, str]],
    let_in: frozenset[str],
) -> list[SourceFile]:
    """The records with what depends on today's inbox and settings: owner, held, duplicate, accepted.

    Of several paths with one content, the content belongs to a path that has an owner and still lies in the inbox, and
    of these to the first seen; when it lies nowhere any more, to the last, so that a file moved to its right folder
    stays there after it is cleared away.
    """
    present = set(present)
    result = []
    chosen: dict[str, tuple[tuple[bool, bool, int], int]] = {}
    owned = owners(records, settings)
    for index, (record, owner) in enumerate(zip(records, owned, strict=True)):
        is_present = (record.source_file, record.source_sha256) in present
        rank = (not owner.is_unknown, is_present, -index if is_present else index)
        if record.source_sha256 not in chosen or rank > chosen[record.source_sha256][0]:
            chosen[record.source_sha256] = (rank, index)
    for index, (record, owner) in enumerate(zip(records, owned, strict=True)):
        main = records[chosen[record.source_sha256][1]]
        company_id = owner.company_id
        shown = replace(record, company_id=company_id, is_accepted=record.source_sha256 in let_in)
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
        elif record.status == "landed" and owned[index].is_unknown:
            reason, remedy = placing(record)
            shown = replace(shown, status="held", reason=reason, remedy=remedy)
        result.append(shown)
    return result
