"""A refresh killed at any moment leaves the old marts whole, and nothing that stands in the way of the next."""

import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from home.layout import Home
from home.lock import holder
from orchestration.publish import current_release

Copy = Callable[[str], Home]
REFRESH = [
    sys.executable,
    "-c",
    "from orchestration.cli import main; main()",
    "refresh",
    "--as-of=2026-06-30",
    "--known-at=2026-07-01",
]
MOMENTS = 10
SEED = 20260630
RUN_COLUMNS = ("run_id", "started_at", "finished_at", "first_seen_at")
"""What may differ between two runs on the same files and dates."""


def start(home: Home) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*REFRESH, f"--home={home.root}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def marts_of(home: Home) -> dict[str, list[str]]:
    """Every row of every published mart, sorted, without what names the run or the hour."""
    with duckdb.connect(home.published_database.resolve(), read_only=True) as connection:
        names = connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
        return {
            name: sorted(
                str(row)
                for row in connection.execute(
                    f"SELECT COLUMNS(c -> c NOT IN {RUN_COLUMNS}) FROM marts.{name}"
                ).fetchall()
            )
            for (name,) in names
        }


def parquet_counts(home: Home) -> dict[str, int]:
    return {
        folder.name: duckdb.sql(f"SELECT count(*) FROM '{folder}/*.parquet'").fetchall()[0][0]
        for folder in sorted(home.published_parquet.iterdir())
    }


def children_of(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def ends_soon(pid: int) -> bool:
    until = time.monotonic() + 5
    while time.monotonic() < until:
        if not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to see child processes; run it on Linux")
def test_killed_at_ten_moments(copy: Copy) -> None:
    home, undisturbed = copy("killed"), copy("undisturbed")
    for one in (home, undisturbed):
        # A line more to read, so that there is something to do.
        account = next(one.inbox.rglob("third_parties.csv"))
        shutil.copy(account, account.with_name("third_parties_again.csv"))
        (account.with_name("note.txt")).write_text("not a file that anybody can read", encoding="utf-8")
    began = time.monotonic()
    assert start(undisturbed).wait() == 0
    length = time.monotonic() - began
    expected = marts_of(undisturbed)

    before, release = marts_of(home), current_release(home)
    assert before != expected
    moments = sorted(random.Random(SEED).uniform(0.05, 0.97) * length for _ in range(MOMENTS))
    for moment in moments:
        process = start(home)
        helpers: list[int] = []
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            helpers = children_of(process.pid)
            process.send_signal(signal.SIGKILL)
        process.wait()
        assert holder(home) is None
        now = current_release(home)
        assert marts_of(home) == (before if now == release else expected)
        assert parquet_counts(home) == {mart: len(rows) for mart, rows in marts_of(home).items()}
        working = home.warehouse / "encours.duckdb"
        if working.exists():
            duckdb.connect(working).close()
        # Python's own tracker of semaphores, which dbt's locks start, ends when its pipe does.
        assert all(ends_soon(pid) for pid in helpers)

    assert start(home).wait() == 0
    assert marts_of(home) == expected
    release = current_release(home)
    assert release is not None
    assert len(release.published_runs) == 2
    assert {file.stem for file in home.history.glob("*/*")} == set(release.published_runs)
    assert release.known_at_date == date(2026, 7, 1)
