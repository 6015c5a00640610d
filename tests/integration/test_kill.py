"""A refresh killed at any moment leaves the old marts whole, and nothing that stands in the way of the next."""

import multiprocessing
import os
import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from multiprocessing.process import BaseProcess
from pathlib import Path

import duckdb
import pytest

from home.layout import Home
from home.lock import holder
from orchestration.history import published_runs
from orchestration.publish import current_release
from orchestration.refresh import refresh

Copy = Callable[[str], Home]
Start = Callable[[Home], BaseProcess]
DATES = {"as_of": date(2026, 6, 30), "known_at": date(2026, 7, 1)}
MOMENTS = 10
SEED = 20260630
RUN_COLUMNS = ("run_id", "started_at", "finished_at", "first_seen_at")
"""What may differ between two runs on the same files and dates."""


@dataclass(frozen=True)
class Undisturbed:
    """A refresh that nobody killed, of a home whose marts were gone."""

    home: Home
    seconds: float
    known: list[tuple[object, date, object]]
    """The sets of open items that the home had published before."""


@pytest.fixture(scope="module")
def start() -> Start:
    """Starts a refresh in a process forked from one that has imported everything: that alone takes seconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["orchestration.definitions", "orchestration.instance", "great_expectations"]
    )

    def start_process(target: Callable[..., object], *arguments: object) -> BaseProcess:
        process = context.Process(target=target, args=arguments, kwargs=DATES if arguments else {})
        process.start()
        return process

    # The server is ready when its first process has ended.
    start_process(os.getpid).join()
    return lambda home: start_process(refresh, home)


@pytest.fixture(scope="module")
def undisturbed(refreshed: Home, start: Start, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    home = Home.at(tmp_path_factory.mktemp("undisturbed") / "home")
    shutil.copytree(refreshed.root, home.root, symlinks=True)
    bring_more(home)
    known = snapshot_dates(home)
    shutil.rmtree(home.marts)
    began = time.monotonic()
    process = start(home)
    process.join()
    assert process.exitcode == 0
    assert known
    return Undisturbed(home, time.monotonic() - began, known)


def bring_more(home: Home) -> None:
    """Something to read, and something to refuse."""
    account = next(home.inbox.rglob("third_parties.csv"))
    shutil.copy(account, account.with_name("third_parties_again.csv"))
    account.with_name("note.txt").write_text("not a file that anybody can read", encoding="utf-8")


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


def snapshot_dates(home: Home) -> list[tuple[object, date, object]]:
    with duckdb.connect(home.published_database.resolve(), read_only=True) as connection:
        return connection.execute(
            "SELECT as_of_date, known_at_date, total FROM marts.fct_ageing_snapshot_dates ORDER BY ALL"
        ).fetchall()


def ends_soon(pid: int) -> bool:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to see child processes; run it on Linux")
def test_killed_at_ten_moments(copy: Copy, start: Start, undisturbed: Undisturbed) -> None:
    home = copy("killed")
    bring_more(home)
    expected = marts_of(undisturbed.home)

    before, release = marts_of(home), current_release(home)
    assert before != expected
    moments, killed = random.Random(SEED), 0
    for tenth in range(MOMENTS):
        process = start(home)
        process.join((tenth + moments.random()) / MOMENTS * undisturbed.seconds)
        killed += process.is_alive()
        helpers = children_of(process.pid) if process.pid and process.is_alive() else []
        process.kill()
        process.join()
        assert holder(home) is None
        now = current_release(home)
        marts = marts_of(home)
        assert marts == (before if now == release else expected)
        assert parquet_counts(home) == {mart: len(rows) for mart, rows in marts.items()}
        working = home.warehouse / "encours.duckdb"
        if working.exists():
            duckdb.connect(working).close()
        assert all(ends_soon(pid) for pid in helpers)

    assert killed >= MOMENTS / 2
    start(home).join()
    assert marts_of(home) == expected
    in_force = current_release(home)
    assert in_force is not None
    assert in_force.known_at_date == DATES["known_at"]
    assert release is not None
    assert published_runs(home) == (release.run_id, in_force.run_id)
    assert {file.stem for file in home.history.glob("*/*")} == {release.run_id, in_force.run_id}


def test_a_refresh_without_its_marts_remembers_everything(undisturbed: Undisturbed) -> None:
    sets = snapshot_dates(undisturbed.home)
    assert [row for row in sets if row[1] < DATES["known_at"]] == undisturbed.known
    assert len(published_runs(undisturbed.home)) == 2
