"""What must outlive a run: ``history/<mart>/<run_id>.parquet``, and which of it counts.

Every run whose files are there counts, whatever becomes of ``marts/``; the one in doubt is the run that was being
published when it was stopped. Its name stands in ``history/publishing``, from before its first file is written until
after its marts are in force. Nothing but the files of a run so named is ever removed.
"""

import os
from pathlib import Path
from typing import Final

import duckdb

from home.layout import Home
from home.tables import HISTORY

PARQUET: Final = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1"
"""How marts are written. Level 1 takes a sixth less than DuckDB's default, and makes files no larger."""

WRITTEN_LAST: Final = "dim_runs"
"""The mart whose file closes a run's history: where it is, the others are."""

ONCE: Final = {
    "fct_reconciliation_exceptions": "first_seen_date >= (SELECT known_at_date FROM marts.dim_runs WHERE is_current)"
}
"""Mart → the condition for a row to be left: an exception leaves the day on which it was first seen, and not again on
each day that it stays (a ledger without statements has one for each of its bank lines)."""

IN_ORDER: Final = (*(mart for mart in HISTORY if mart != WRITTEN_LAST), WRITTEN_LAST)


def published_runs(home: Home) -> tuple[str, ...]:
    """Every run whose history counts, oldest first. What a stopped run left in doubt must be settled before."""
    return tuple(sorted(file.stem for file in (home.history / WRITTEN_LAST).glob("*.parquet")))


def settle(home: Home, in_force: str | None) -> None:
    """Keep what a stopped run left when its marts are ``in_force``, and remove it when those of another run are.

    With no marts in force there is nothing to judge by: what the run left is kept if it is whole.
    """
    try:
        run_id = _marker(home).read_text(encoding="utf-8")
    except FileNotFoundError:
        return
    is_kept = _file(home, WRITTEN_LAST, run_id).exists() if in_force is None else run_id == in_force
    if not is_kept:
        for mart in reversed(IN_ORDER):
            _file(home, mart, run_id).unlink(missing_ok=True)
    _marker(home).unlink()


def write(home: Home, run_id: str, marts: Path) -> None:
    """Leave the run's own rows of each mart that is kept over time, from the DuckDB file ``marts``.

    They are in doubt until ``confirm``: the marts are put in force in between.
    """
    home.history.mkdir(parents=True, exist_ok=True)
    _marker(home).write_text(run_id, encoding="utf-8")
    sync(_marker(home))
    sync(home.history)
    with duckdb.connect(marts, read_only=True) as connection:
        for mart in IN_ORDER:
            target = _file(home, mart, run_id)
            target.parent.mkdir(parents=True, exist_ok=True)
            rows = (
                f"SELECT {', '.join(HISTORY[mart].names)} FROM marts.{mart} "
                f"WHERE run_id = '{run_id}' AND {ONCE.get(mart, 'true')}"
            )
            connection.execute(f"COPY ({rows}) TO '{_quoted(target)}' ({PARQUET})")
            sync(target)
            sync(target.parent)


def confirm(home: Home) -> None:
    """The marts of the run that ``write`` was last called for are in force."""
    _marker(home).unlink()


def sync(path: Path) -> None:
    """Wait until a file or folder has reached the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _marker(home: Home) -> Path:
    return home.history / "publishing"


def _file(home: Home, mart: str, run_id: str) -> Path:
    return home.history / mart / f"{run_id}.parquet"


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
