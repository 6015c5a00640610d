"""Publishing to PostgreSQL: how fast beside psql's copy, how long readers wait, and whether they see two runs.

The peer is ``psql \\copy`` of the same marts as CSV into plain tables, without keys, indexes, comparison or runs. The
server is that of ENCOURS_TEST_POSTGRES_URL, else Debian's, started for the benchmark with its own defaults.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection as Pipe
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import median
from typing import Final, LiteralString
from urllib.parse import urlsplit

import duckdb
import psycopg

from benchmarks.whole_refresh import measure
from home.layout import Home
from home.settings_publishing import PostgreSQL
from orchestration.postgres.marts import Mart, marts_of
from orchestration.postgres.publication import publish_release
from orchestration.publish import DATABASE_NAME, Release, current_release
from tests.postgres_server import URL_VARIABLE, binaries, server, server_folder

SETTINGS: Final = PostgreSQL.model_validate({"keep_runs": 2})
PAUSE_SECONDS: Final = 0.002
SMALL_ROWS: Final = 20_000
"""Rows of a mart, at most, where publications are to follow each other quickly."""

ASKED: Final = (
    "SELECT count(*) FROM marts.mart_aged_balance WHERE third_party_id = 'nobody'",
    "SELECT run_id FROM marts.dim_runs WHERE is_current",
)
"""What a reader asks who wants to know how long he waits: answers that take no time themselves."""

OF_A_RUN: Final = ("dim_runs", "fct_reconciliation_exceptions", "fct_control_totals")
BY_MART: Final = tuple(f"SELECT DISTINCT '{mart}', run_id FROM marts.{mart}" for mart in OF_A_RUN)
AT_ONCE: Final = (" UNION ALL ".join(BY_MART),)
"""Which marts show which run: asked in a statement each, and in one of all."""

LEAST_RATIO: Final = 0.6
LONGEST_WAIT_MS: Final = 100.0
"""What a reader may notice."""


@dataclass(frozen=True)
class Speed:
    """Rows of all marts, and the seconds that psql took to copy them and we to publish them, first and again."""

    rows: int
    copy_seconds: float
    first_seconds: float
    again_seconds: float

    @property
    def ratio(self) -> float:
        """Rows a second of a first publication, as a part of psql's."""
        return self.copy_seconds / self.first_seconds


@dataclass(frozen=True)
class Waits:
    """How often a reader asked, and the longest he waited for an answer, in milliseconds."""

    answers: int
    longest_ms: float
    locked_out: int
    """How often a lock kept an answer from him for 10 ms, whatever else the machine had to do."""


@dataclass(frozen=True)
class Readers:
    """What readers saw while runs were published."""

    publications: int
    transactions: int
    torn: int
    errors: tuple[str, ...]


@contextmanager
def database(url: str, name: str) -> Iterator[str]:
    """An empty database, gone at the end; publishing finds it in the environment."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
        try:
            own = urlsplit(url)._replace(path=f"/{name}").geturl()
            os.environ[SETTINGS.url_variable] = own
            yield own
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def speed(url: str, home: Home, release: Release, folder: Path) -> Speed:
    """Copy the marts of a release by psql, then publish it twice, each into the same empty database."""
    with duckdb.connect(home.marts / "current" / DATABASE_NAME, read_only=True) as source:
        marts = marts_of(source, release.keys)
        rows = sum(_count(source, mart) for mart in marts)
        for mart in marts:
            file = folder / f"{mart.name}.csv"
            if not file.exists():
                source.execute(f"COPY marts.{mart.name} TO '{file}' (HEADER false)")
    with database(url, "encours_benchmark") as own:
        copied = _copy(own, marts, folder)
        began = time.perf_counter()
        publish_release(home, release, SETTINGS, str)
        first = time.perf_counter() - began
        began = time.perf_counter()
        publish_release(home, release, SETTINGS, str)
        return Speed(rows, copied, first, time.perf_counter() - began)


def _count(source: duckdb.DuckDBPyConnection, mart: Mart) -> int:
    (count,) = source.execute(f"SELECT count(*) FROM marts.{mart.name}").fetchall()[0]
    return int(count)


def _copy(url: str, marts: Sequence[Mart], folder: Path) -> float:
    """The seconds that one psql takes to copy every file into a table of its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA plain")
        for mart in marts:
            columns = ", ".join(f'"{column.name}" {column.type}' for column in mart.columns)
            connection.execute(f"CREATE TABLE plain.{mart.name} ({columns})")  # type: ignore[arg-type]
    script = folder / "copy.sql"
    script.write_text(
        "".join(f"\\copy plain.{mart.name} from '{folder / mart.name}.csv' csv\n" for mart in marts),
        encoding="utf-8",
    )
    began = time.perf_counter()
    subprocess.run(["psql", url, "--quiet", "--set=ON_ERROR_STOP=1", f"--file={script}"], check=True)
    seconds = time.perf_counter() - began
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA plain CASCADE")
    return seconds


def waits(url: str, home: Home, release: Release) -> tuple[Waits, Waits]:
    """How long a reader waits while nothing is published, and while a run is loaded, put in force and one dropped."""
    with database(url, "encours_benchmark") as own:
        for _ in range(2):
            publish_release(home, release, SETTINGS, str)
        with reader(own) as idle:
            time.sleep(10)
        with reader(own) as busy:
            publish_release(home, release, SETTINGS, str)
        return idle.recv(), busy.recv()


@contextmanager
def reader(url: str) -> Iterator[Pipe]:
    """A reader in a process of its own for as long as the block lasts; its Waits come through the pipe."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    is_over, is_ready = context.Event(), context.Event()
    process = context.Process(target=_ask, args=(url, there, is_ready, is_over))
    process.start()
    is_ready.wait()
    yield here
    is_over.set()
    process.join()


def _ask(url: str, pipe: Pipe, is_ready: Event, is_over: Event) -> None:
    answers, locked_out, longest = 0, 0, 0.0
    with psycopg.connect(url, autocommit=True, options="-c lock_timeout=10ms") as connection:
        while not is_over.is_set():
            for query in ASKED:
                began = time.perf_counter()
                while not _is_answered(connection, query):
                    locked_out += 1
                if is_ready.is_set():
                    longest = max(longest, time.perf_counter() - began)
                answers += 1
            is_ready.set()
            time.sleep(PAUSE_SECONDS)
    pipe.send(Waits(answers, longest * 1000, locked_out))


def _is_answered(connection: psycopg.Connection, query: LiteralString) -> bool:
    try:
        connection.execute(query).fetchall()
    except psycopg.errors.LockNotAvailable:
        return False
    return True


def torn_reads(
    url: str, home: Home, release: Release, folder: Path, *, count: int, seconds: float
) -> Readers:
    """Readers who read the run of three marts, while two runs are published by turns.

    Half of them ask mart by mart in one transaction of REPEATABLE READ, the others in one statement of READ COMMITTED.
    """
    runs = [_small_run(home, release, folder, run_id) for run_id in ("run-a", "run-b")]
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    is_over = context.Event()
    publications = 0
    with database(url, "encours_benchmark") as own:
        publish_release(*runs[-1], SETTINGS, str)
        process = context.Process(target=_read_pairs, args=(own, there, is_over, count))
        process.start()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            publish_release(*runs[publications % 2], SETTINGS, str)
            publications += 1
        is_over.set()
        transactions, torn, errors = here.recv()
        process.join()
    return Readers(publications, transactions, torn, tuple(errors))


def _small_run(home: Home, release: Release, folder: Path, run_id: str) -> tuple[Home, Release]:
    """A home that has published the first rows of each mart, as of a run of that name."""
    small = Home.at(folder / run_id)
    current = small.marts / "current"
    current.mkdir(parents=True)
    with duckdb.connect(current / DATABASE_NAME) as made:
        made.execute(f"ATTACH '{home.marts / 'current' / DATABASE_NAME}' AS whole (READ_ONLY)")
        made.execute("CREATE SCHEMA marts")
        names = made.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'whole' AND schema_name = 'marts'"
        ).fetchall()
        for (name,) in names:
            made.execute(f"CREATE TABLE marts.{name} AS FROM whole.marts.{name} LIMIT {SMALL_ROWS}")
        for name in ("dim_runs", "fct_reconciliation_exceptions", "fct_control_totals"):
            made.execute(f"UPDATE marts.{name} SET run_id = '{run_id}'")
    (current / "release.json").write_text(json.dumps({"run_id": run_id}), encoding="utf-8")
    return small, replace(release, run_id=run_id)


def _read_pairs(url: str, pipe: Pipe, is_over: Event, count: int) -> None:
    transactions, torn = [0] * count, [0] * count
    errors: list[str] = []

    def read(number: int) -> None:
        is_at_once = number % 2 == 1
        queries = AT_ONCE if is_at_once else BY_MART
        level = (
            psycopg.IsolationLevel.READ_COMMITTED if is_at_once else psycopg.IsolationLevel.REPEATABLE_READ
        )
        try:
            with psycopg.connect(url) as connection:
                connection.isolation_level = level
                shown: set[str] = set()
                while not is_over.is_set():
                    with connection.transaction():
                        seen = {
                            row
                            for query in queries
                            for row in connection.execute(query).fetchall()  # type: ignore[arg-type]
                        }
                    marts, run_ids = {mart for mart, _ in seen}, {run_id for _, run_id in seen}
                    shown = shown or marts
                    transactions[number] += 1
                    torn[number] += len(run_ids) != 1 or marts != shown
        except psycopg.Error as error:
            errors.append(" ".join(str(error).split()))

    threads = [threading.Thread(target=read, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pipe.send((sum(transactions), sum(torn), errors))


def main(arguments: Sequence[str] = ()) -> int:
    """Measure and print. Returns the exit code: 1 when a figure is not what it must be."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.postgres", description=__doc__)
    parser.add_argument("--home", type=Path, help="a home with marts (default: one generated of --lines)")
    parser.add_argument("--lines", type=int, default=2_000_000, help="ledger lines (default: 2,000,000)")
    parser.add_argument("--repeat", type=int, default=3, help="times that the speed is measured (default: 3)")
    parser.add_argument("--readers", type=int, default=20, help="readers at once (default: 20)")
    parser.add_argument("--seconds", type=float, default=60, help="how long they read (default: 60)")
    given = parser.parse_args(arguments)
    if not os.environ.get(URL_VARIABLE) and binaries() is None:
        print(f"no PostgreSQL server: set {URL_VARIABLE}, or install Debian's postgresql")
        return 0
    with tempfile.TemporaryDirectory(prefix="encours-benchmark-") as temporary, _server() as url:
        folder = Path(temporary)
        home = Home.at(given.home or folder / "home")
        if given.home is None:
            measure(home.root, given.lines)
        release = current_release(home)
        if release is None:
            parser.error(f"{home.root} has no marts; refresh it first")
        ratios = []
        for _ in range(given.repeat):
            measured = speed(url, home, release, folder)
            print(
                f"{measured.rows:,} rows: psql copies {measured.rows / measured.copy_seconds:,.0f} a second "
                f"({measured.copy_seconds:.1f} s), we publish {measured.rows / measured.first_seconds:,.0f} with keys "
                f"and indexes ({measured.first_seconds:.1f} s): {measured.ratio:.2f} of it; "
                f"the next run takes {measured.again_seconds:.1f} s",
                flush=True,
            )
            ratios.append(measured.ratio)
        idle, busy = waits(url, home, release)
        for name, waited in (("nothing", idle), ("a run", busy)):
            print(
                f"while {name} is published, a reader asks {waited.answers:,} times and waits "
                f"{waited.longest_ms:.0f} ms at most; locked out for 10 ms: {waited.locked_out} times",
                flush=True,
            )
        read = torn_reads(url, home, release, folder, count=given.readers, seconds=given.seconds)
        print(
            f"{given.readers} readers, {given.seconds:.0f} s: {read.publications} publications, "
            f"{read.transactions:,} transactions, {read.torn} of them torn, {len(read.errors)} errors"
        )
    wrong = failures(ratios, busy, read)
    for sentence in wrong:
        print(sentence)
    return 1 if wrong else 0


def failures(ratios: Sequence[float], waited: Waits, read: Readers) -> list[str]:
    """What is not as it must be, a sentence each: the middle one of the ratios, the longest wait, what readers saw."""
    wrong = []
    if ratios and median(ratios) < LEAST_RATIO:
        wrong.append(f"too slow: {median(ratios):.2f} of what psql copies, and {LEAST_RATIO} is the least")
    if waited.longest_ms >= LONGEST_WAIT_MS:
        wrong.append(
            f"a reader waits {waited.longest_ms:.0f} ms, and must wait less than {LONGEST_WAIT_MS:.0f}"
        )
    if read.torn:
        wrong.append(f"{read.torn} transactions saw two runs, or a mart without its rows")
    return wrong + [f"a reader failed: {error}" for error in sorted(set(read.errors))]


@contextmanager
def _server() -> Iterator[str]:
    given = os.environ.get(URL_VARIABLE)
    if given:
        yield given
        return
    with server_folder() as folder, server(folder, {}) as url:
        yield url


if __name__ == "__main__":
    import sys

    sys.exit(main(sys.argv[1:]))
