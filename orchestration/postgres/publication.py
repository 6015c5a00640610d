"""Publishing a release: load it beside the runs that are there, compare, put it in force, let old runs go."""

import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Final

import duckdb
import psycopg

from home.layout import Home
from home.settings_publishing import PostgreSQL
from orchestration.postgres import load, retention, runs, server, tables, totals, views
from orchestration.postgres.marts import Mart, marts_of
from orchestration.postgres.server import Target
from orchestration.publish import DATABASE_NAME, Release

LOG: Final = logging.getLogger("encours")

FINISHERS: Final = 2
"""Connections that index and compare what is loaded: with two, they keep up with the loading."""

SOURCE_MEMORY: Final = "256MB"
"""What DuckDB may keep of a release that it reads once, from end to end."""


def publish_release(
    home: Home, release: Release, settings: PostgreSQL, on_step: Callable[[str], None]
) -> None:
    """Publish the home's release in force to the server, where every reader sees it at once, or not at all.

    ``on_step`` is told the mart at work. Raises TargetError, one sentence; the server then shows what it showed, and
    the next publication removes what this one may have left.
    """
    with (
        server.told_in_one_sentence(settings),
        duckdb.connect(home.marts / "current" / DATABASE_NAME, read_only=True) as source,
        server.connected(settings) as target,
        server.one_publisher(target),
    ):
        source.execute(f"SET memory_limit = '{SOURCE_MEMORY}'")
        server.check(target)
        marts = marts_of(source, release.keys)
        runs.make(target)
        retention.remove_leftovers(target)
        number = runs.begin(target, release)
        try:
            _load(source, target, marts, number, on_step)
            views.offer(target, marts)
        except BaseException:
            # What cannot be removed now is removed by the next publication.
            with contextlib.suppress(psycopg.Error):
                retention.remove_load(target, number)
            raise
        runs.put_in_force(target, number)
        try:
            retention.forget_old_runs(target)
            tables.analyze(target)
        except psycopg.Error:
            LOG.warning("PostgreSQL has the marts; it is tidied up another time", exc_info=True)


def is_published(release: Release, settings: PostgreSQL) -> bool:
    """Whether the server shows the release. Raises TargetError."""
    with server.told_in_one_sentence(settings), server.connected(settings) as target:
        return runs.current_run_id(target) == release.run_id


def _load(
    source: duckdb.DuckDBPyConnection,
    target: Target,
    marts: tuple[Mart, ...],
    number: int,
    on_step: Callable[[str], None],
) -> None:
    """Load every mart, and finish those that are loaded while the next is on its way.

    Raises TargetError when rows or sums differ from the release.
    """
    for mart in marts:
        tables.fit(target, mart)
    with contextlib.ExitStack() as open_here:
        sink = open_here.enter_context(load.opened(target.settings))
        idle: SimpleQueue[Target] = SimpleQueue()
        for _ in range(FINISHERS):
            idle.put(open_here.enter_context(server.connected(target.settings)))
        beside = ThreadPoolExecutor(max_workers=FINISHERS)
        open_here.callback(beside.shutdown, cancel_futures=True)
        finished: list[Future[None]] = []
        for mart in marts:
            on_step(mart.name)
            if mart.is_appended:
                load.append(source, sink, target, mart, number)
            else:
                tables.make_part(target, mart, number)
                load.load_part(source, sink, target, mart, number)
            expected, has_nulls = totals.published(source, mart), _has_nulls(source, mart)
            finished.append(beside.submit(_finish, idle, mart, number, expected, has_nulls))
        for future in finished:
            future.result()
    tables.attach(target, marts, number)


def _finish(
    idle: SimpleQueue[Target], mart: Mart, number: int, expected: tuple[object, ...], has_nulls: bool
) -> None:
    """Make the indexes of what was loaded, let the planner know it, and compare it with what was published."""
    target = idle.get()
    try:
        table = mart.name if mart.is_appended else tables.part_of(mart.name, number)
        tables.index(target, mart, table, has_nulls=has_nulls)
        target.execute("ANALYZE {store}.{table}", table=table)
        totals.compare(target, mart, number, expected)
    finally:
        idle.put(target)


def _has_nulls(source: duckdb.DuckDBPyConnection, mart: Mart) -> bool:
    """Whether a column of the mart's key is null somewhere."""
    if not mart.key:
        return False
    is_null = " OR ".join(f'"{column}" IS NULL' for column in mart.key)
    row = source.execute(f"SELECT coalesce(bool_or({is_null}), false) FROM marts.{mart.name}").fetchone()
    assert row is not None
    return bool(row[0])
