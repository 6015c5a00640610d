"""Acceptances: a person lets in a file that was held back. Kept as ``landing/acceptances/<sha256>.json``."""

import json
import os
from datetime import datetime
from pathlib import PurePosixPath

from home.layout import Home
from ingestion.manifest import SourceFile, read_manifest


class NothingToAccept(ValueError):  # noqa: N818 - says what happened, as people read it
    """No file, or more than one, answers to the name. The message says which exist."""


def accept(home: Home, file: str, *, accepted_at: datetime) -> SourceFile:
    """Let in the newest content seen under a path below the inbox, a bare file name or the beginning of a hash.

    Returns its record. Raises ``NothingToAccept`` when no file answers to the name, or several do.
    """
    record = _find(read_manifest(home), file)
    folder = home.landing / "acceptances"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{record.source_sha256}.json"
    if not target.exists():
        aside = folder / f".{record.source_sha256}.{os.getpid()}.tmp"
        content = {"source_file": record.source_file, "accepted_at": accepted_at.isoformat()}
        aside.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        aside.replace(target)
    return record


def accepted(home: Home) -> frozenset[str]:
    """The hashes of all files let in."""
    return frozenset(
        file.stem for file in (home.landing / "acceptances").glob("*.json") if not file.name.startswith(".")
    )


def _find(records: list[SourceFile], file: str) -> SourceFile:
    wanted = file.removeprefix("inbox/")
    found = (
        [record for record in records if record.source_file == wanted]
        or [record for record in records if PurePosixPath(record.source_file).name == wanted]
        or [
            record
            for record in records
            if len(wanted) >= 8 and record.source_sha256.startswith(wanted.lower())
        ]
    )
    paths = sorted({record.source_file for record in found})
    if not paths:
        raise NothingToAccept(f"no file {file} has been seen: name it by its path under inbox/")
    if len(paths) > 1:
        raise NothingToAccept(f"{file} may be {' or '.join(paths)}: name it by its path under inbox/")
    if found[-1].status != "landed":
        raise NothingToAccept(f"{paths[0]} was refused, so there is nothing to let in: {found[-1].reason}")
    return found[-1]
