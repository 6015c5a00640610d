"""Publishing a release: load it beside the runs that are there, compare, put it in force, let old runs go."""

import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Final

import duckdb
import psycopg
from adbc_driver_manager.dbapi import Connection

from home.layout import Home
from home.settings_publishing import PostgreSQL
from orchestration.postgres import load, retention, runs, server, tables, totals, views
from orchestration.postgres.marts import Mart, marts_of
from orchestration.postgres.patience import let_planners_pass
from orchestration.postgres.server import Target
from orchestration.publish import DATABASE_NAME, Release

LOG: Final = logging.getLogger("encours")

WORKERS: Final = 2
"""Marts that are loaded at a time: while one is indexed the other is on its way, and the largest begins first."""

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
            let_planners_pass(target)
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


@dataclass(frozen=True)
class Worker:
    """What it takes to load a mart: where its rows are, where they go, and who makes its indexes."""

    source: duckdb.DuckDBPyConnection
    sink: Connection
    target: Target


def _load(
    source: duckdb.DuckDBPyConnection,
    target: Target,
    marts: tuple[Mart, ...],
    number: int,
    on_step: Callable[[str], None],
) -> None:
    """Load every mart, several at a time. Raises TargetError when rows or sums differ from the release."""
    for mart in marts:
        tables.fit(target, mart)
    with contextlib.ExitStack() as open_here:
        idle: SimpleQueue[Worker] = SimpleQueue()
        for _ in range(WORKERS):
            sink = open_here.enter_context(load.opened(target.settings))
            idle.put(
                Worker(source.cursor(), sink, open_here.enter_context(server.connected(target.settings)))
            )
        pool = ThreadPoolExecutor(max_workers=WORKERS)
        open_here.callback(pool.shutdown, cancel_futures=True)
        loads = [pool.submit(_load_mart, idle, mart, number, on_step) for mart in marts]
        for loaded in as_completed(loads):
            loaded.result()
    tables.withdraw(target, marts, number)
    tables.attach(target, marts, number)


def _load_mart(idle: SimpleQueue[Worker], mart: Mart, number: int, on_step: Callable[[str], None]) -> None:
    """Load a mart, make its indexes, let the planner know it, and compare it with what was published."""
    worker = idle.get()
    try:
        on_step(mart.name)
        source, sink, target = worker.source, worker.sink, worker.target
        if mart.is_appended:
            table = mart.name
            load.append(source, sink, target, mart, number)
        else:
            table = tables.part_of(mart.name, number)
            tables.make_part(target, mart, number)
            load.load_part(source, sink, target, mart, number)
        tables.index(target, mart, table, has_nulls=_has_nulls(source, mart))
        target.execute("ANALYZE {store}.{table}", table=table)
        totals.compare(target, mart, number, totals.published(source, mart))
    finally:
        idle.put(worker)


def _has_nulls(source: duckdb.DuckDBPyConnection, mart: Mart) -> bool:
    """Whether a column of the mart's key is null somewhere."""
    if not mart.key:
        return False
    is_null = " OR ".join(f'"{column}" IS NULL' for column in mart.key)
    row = source.execute(f"SELECT coalesce(bool_or({is_null}), false) FROM marts.{mart.name}").fetchone()
    assert row is not None
    return bool(row[0])
