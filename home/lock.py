"""One refresh at a time per home: a file lock that names its holder.

The lock is the kernel's (``flock``), so a holder that was killed blocks nobody. Who holds it stands in a file
beside the lock and is only for the message: a stale one means nothing.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from home.layout import Home

WAIT_SECONDS: Final = 5.0
"""How long a second refresh waits by default: long enough for one that is just ending."""


@dataclass(frozen=True)
class Holder:
    """Who holds the lock."""

    pid: int
    host: str
    since: str
    command: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, since {self.since} ({self.command})"


class HomeIsBusyError(Exception):
    """Another refresh works in this home. The message is one sentence that names it."""


def holder(home: Home) -> Holder | None:
    """Who holds the home's lock now, or None when nobody does."""
    if not home.root.is_dir():
        return None
    lock = FileLock(home.lock_file, timeout=0)
    try:
        with lock:
            return None
    except Timeout:
        return _named_holder(home)


@contextmanager
def one_refresh_at_a_time(home: Home, *, command: str, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the home's lock for the length of the block; within one process it may be taken again inside.

    Raises HomeIsBusyError when another process still holds it after ``wait_seconds``.
    """
    home.root.mkdir(parents=True, exist_ok=True)
    # One object per path and process: what the command line took, the job that it starts may enter.
    lock = FileLock(home.lock_file, is_singleton=True, thread_local=False)
    try:
        lock.acquire(timeout=wait_seconds, poll_interval=0.1)
    except Timeout:
        by = _named_holder(home) or "an unknown process"
        raise HomeIsBusyError(
            f"{home.root}: another refresh is running, {by}; wait until it ends and run the command again."
        ) from None
    try:
        if lock.lock_counter == 1:
            since = datetime.now(UTC).isoformat(timespec="seconds")
            _write_holder(home, Holder(os.getpid(), os.uname().nodename, since, command))
        yield
    finally:
        if lock.lock_counter == 1:
            _holder_file(home).unlink(missing_ok=True)
        lock.release()


def _holder_file(home: Home) -> Path:
    # Not in the lock file itself: whoever tries the lock truncates that one.
    return home.lock_file.with_name(f"{home.lock_file.name}.holder")


def _write_holder(home: Home, who: Holder) -> None:
    aside = _holder_file(home).with_suffix(f".{os.getpid()}")
    aside.write_text(json.dumps(asdict(who)), encoding="utf-8")
    aside.replace(_holder_file(home))


def _named_holder(home: Home) -> Holder | None:
    try:
        return Holder(**json.loads(_holder_file(home).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
