"""Publishing a release: load it beside the runs that are there, compare, put it in force, let old runs go."""

import contextlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import duckdb
import psycopg

from home.layout import Home
from home.settings_publishing import PostgreSQL
from orchestration.postgres import load, retention, runs, server, tables, totals, views
from orchestration.postgres.marts import Mart, marts_of
from orchestration.postgres.server import Target
from orchestration.publish import DATABASE_NAME, Release


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
        retention.forget_old_runs(target)


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
    """Load every mart, and make its indexes while the next is on its way. Raises TargetError when a sum differs."""
    for mart in marts:
        tables.fit(target, mart)
    with (
        load.opened(target.settings) as sink,
        server.connected(target.settings) as other,
        ThreadPoolExecutor(max_workers=1) as beside,
    ):
        finished: list[Future[None]] = []
        for mart in marts:
            on_step(mart.name)
            if mart.is_appended:
                load.append(source, sink, target, mart, number)
            else:
                tables.make_part(target, mart, number)
                load.load_part(source, sink, target, mart, number)
            finished.append(
                beside.submit(
                    _finish, other, mart, number, totals.published(source, mart), _has_nulls(source, mart)
                )
            )
        for future in finished:
            future.result()
    tables.attach(target, marts, number)
    tables.analyze(target)


def _finish(target: Target, mart: Mart, number: int, expected: tuple[object, ...], has_nulls: bool) -> None:
    """Make the indexes of what was loaded, let the planner know it, and compare it with what was published."""
    table = mart.name if mart.is_appended else tables.part_of(mart.name, number)
    tables.index(target, mart, table, has_nulls=has_nulls)
    target.execute("ANALYZE {store}.{table}", table=table)
    totals.compare(target, mart, number, expected)


def _has_nulls(source: duckdb.DuckDBPyConnection, mart: Mart) -> bool:
    """Whether a column of the mart's key is null somewhere."""
    if not mart.key:
        return False
    is_null = " OR ".join(f'"{column}" IS NULL' for column in mart.key)
    row = source.execute(f"SELECT coalesce(bool_or({is_null}), false) FROM marts.{mart.name}").fetchone()
    assert row is not None
    return bool(row[0])
