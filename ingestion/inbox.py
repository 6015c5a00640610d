"""The inbox: which files lie there, and their content's hash.

Here: the walk, and a cache that spares reading unchanged files again. Not here: what a file is.
"""

import hashlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from home.layout import Home

IGNORED_STARTS: Final = (".", "~$")
IGNORED_ENDS: Final = (".tmp", ".part", ".partial", ".crdownload", ".filepart", "~")
IGNORED_NAMES: Final = frozenset({"Thumbs.db", "desktop.ini", "__MACOSX"})

GIVE_RIGHT: Final = "give the user that runs Encours the right to read it."

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

SETTLED_NANOSECONDS: Final = 2_000_000_000
"""A file changed less than two seconds before it was hashed may change again within the same clock tick of its file
system (FAT counts in steps of two seconds), so its hash is not remembered."""


@dataclass(frozen=True)
class Signature:
    """What changes when a file's content does: size, modification, inode and status change."""

    size: int
    modified_ns: int
    inode: int
    changed_ns: int

    @classmethod
    def of(cls, path: Path) -> "Signature":
        """The signature of a file now. Raises ``OSError`` when it cannot be seen."""
        stat = path.stat()
        return cls(stat.st_size, stat.st_mtime_ns, stat.st_ino, stat.st_ctime_ns)


@dataclass(frozen=True)
class ScannedFile:
    """A regular file under the inbox: its path below it, with slashes, and what its content hashes to."""

    source_file: str
    sha256: str
    size_bytes: int
    modified_at: datetime
    signature: Signature


@dataclass(frozen=True)
class Scan:
    """What lies in the inbox, and one sentence for each thing that could not be looked at."""

    files: tuple[ScannedFile, ...]
    notes: tuple[str, ...]


def scan_inbox(home: Home) -> Scan:
    """Every regular file under the inbox, sorted by path.

    Hidden and temporary files are passed over, and so are links that lead outside. An unchanged file is not read again;
    one that vanishes meanwhile is no error.
    """
    remembered = _read_cache(home)
    fresh: dict[str, tuple[Signature, str]] = {}
    files: list[ScannedFile] = []
    notes: list[str] = []
    for path in _walk(home.inbox, notes):
        source_file = path.relative_to(home.inbox).as_posix()
        try:
            signature = Signature.of(path)
            known = remembered.get(source_file)
            sha256 = known[1] if known and known[0] == signature else _hash(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            notes.append(f"{source_file} cannot be read ({error.strerror}): {GIVE_RIGHT}")
            continue
        if time.time_ns() - max(signature.modified_ns, signature.changed_ns) > SETTLED_NANOSECONDS:
            fresh[source_file] = (signature, sha256)
        modified_at = EPOCH + timedelta(microseconds=signature.modified_ns // 1000)
        files.append(ScannedFile(source_file, sha256, signature.size, modified_at, signature))
    if fresh != remembered:
        _write_cache(home, fresh)
    return Scan(tuple(sorted(files, key=lambda file: file.source_file)), tuple(notes))


def _walk(inbox: Path, notes: list[str]) -> Iterator[Path]:
    root = inbox.resolve()

    def unseen(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            notes.append(f"{error.filename} cannot be opened ({error.strerror}): {GIVE_RIGHT}")

    for folder, subfolders, names in os.walk(root, onerror=unseen):
        subfolders[:] = sorted(name for name in subfolders if not _is_ignored(name) and _is_text(name))
        for name in sorted(names):
            path = Path(folder, name)
            if not _is_text(name):
                notes.append(f"{name!a} has a name that is not valid text: rename it.")
                continue
            if _is_ignored(name) or (path.is_symlink() and not path.resolve().is_relative_to(root)):
                continue
            if path.is_file():
                yield inbox / path.relative_to(root)


def _is_ignored(name: str) -> bool:
    return name.startswith(IGNORED_STARTS) or name.lower().endswith(IGNORED_ENDS) or name in IGNORED_NAMES


def _is_text(name: str) -> bool:
    """False for bytes that the file system allows and no encoding explains; Python hides them in surrogates."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _cache_file(home: Home) -> Path:
    return home.warehouse / "inbox_hashes.json"


def _read_cache(home: Home) -> dict[str, tuple[Signature, str]]:
    try:
        stored = json.loads(_cache_file(home).read_bytes())
        return {name: (Signature(*signature), sha256) for name, (signature, sha256) in stored.items()}
    except (OSError, ValueError, TypeError):
        return {}


def _write_cache(home: Home, entries: dict[str, tuple[Signature, str]]) -> None:
    target = _cache_file(home)
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    aside.write_text(
        json.dumps({name: (astuple(signature), sha256) for name, (signature, sha256) in entries.items()})
    )
    aside.replace(target)
