"""Letting go of what no view shows: runs that were replaced long enough ago, and what stopped loads have left."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import psycopg

from orchestration.postgres.server import LOCK_TIMEOUT, Target
from orchestration.postgres.tables import appended

PART: Final = re.compile(r"^(?P<mart>.+)__(?P<number>[0-9]+)$")

WAIT: Final = "2s"
"""How long to wait for those who read a mart before leaving an old run to the next publication."""

LONG_WAIT: Final = "30s"
"""How long to wait for the server to notice that whoever was loading a run is gone: nobody else reads its tables."""


def remove_leftovers(target: Target) -> None:
    """Remove what loads have left that never came in force. The caller is the only publisher. Raises psycopg.Error."""
    stopped = target.rows("SELECT number FROM {store}.runs WHERE in_force_at IS NULL")
    for (number,) in stopped:
        remove_load(target, number)


def remove_load(target: Target, number: int) -> None:
    """Remove a run that never came in force, from every mart. Raises psycopg.Error."""
    for mart in appended(target):
        target.execute("DELETE FROM {store}.{mart} WHERE published_from = %s", number, mart=mart)
        target.execute(
            "UPDATE {store}.{mart} SET published_until = NULL WHERE published_until = %s", number, mart=mart
        )
        # What was loaded in part takes space, which the next load can use; cutting it off would lock out readers.
        target.execute("VACUUM (TRUNCATE false) {store}.{mart}", mart=mart)
    _remove_parts(target, {number}, LONG_WAIT)
    target.execute("DELETE FROM {store}.runs WHERE number = %s", number)


def forget_old_runs(target: Target) -> None:
    """Drop all but the last ``keep_runs`` runs, as far as nobody can still be reading them.

    A reader in REPEATABLE READ goes on seeing the run that was in force when his transaction began. So a run stays
    while any transaction on the server is older than the one that replaced it, and while dropping it would keep
    somebody waiting; the next publication tries again. Raises psycopg.Error.
    """
    replaced = target.rows(
        """
        SELECT number
        FROM {store}.runs
        WHERE in_force_at IS NOT NULL
            AND number NOT IN (
                SELECT number FROM {store}.runs WHERE in_force_at IS NOT NULL ORDER BY number DESC LIMIT %s
            )
            AND replaced_by::text::bigint < (
                SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint - coalesce(max(age(backend_xmin)), 0)
                FROM pg_stat_activity
            )
        """,
        target.settings.keep_runs,
    )
    numbers = {number for (number,) in replaced}
    if not numbers:
        return
    try:
        _remove_parts(target, numbers, WAIT)
    except psycopg.errors.LockNotAvailable:
        return
    oldest = target.value(
        "SELECT min(number) FROM {store}.runs WHERE in_force_at IS NOT NULL AND number <> ALL(%s)",
        list(numbers),
    )
    for mart in appended(target):
        target.execute("DELETE FROM {store}.{mart} WHERE published_until <= %s", oldest, mart=mart)
    target.execute("DELETE FROM {store}.runs WHERE number = ANY(%s)", list(numbers))


def _remove_parts(target: Target, numbers: Iterable[int], wait: str) -> None:
    """Drop the tables of runs. A partition is detached first, in the way that does not lock out readers."""
    target.execute("SET lock_timeout = {wait}", wait=psycopg.sql.Literal(wait))
    try:
        for mart, part, is_pending in _parts(target, set(numbers)):
            if is_pending:
                target.execute(
                    "ALTER TABLE {store}.{mart} DETACH PARTITION {store}.{part} FINALIZE",
                    mart=mart,
                    part=part,
                )
            elif is_pending is not None:
                target.execute(
                    "ALTER TABLE {store}.{mart} DETACH PARTITION {store}.{part} CONCURRENTLY",
                    mart=mart,
                    part=part,
                )
            target.execute("DROP TABLE {store}.{part}", part=part)
    finally:
        target.execute("SET lock_timeout = {wait}", wait=psycopg.sql.Literal(LOCK_TIMEOUT))


def _parts(target: Target, numbers: set[int]) -> Iterator[tuple[str, str, bool | None]]:
    """Mart and name of each table of the runs, and whether its detaching was begun; None when it is no partition.

    First those that were begun: until one is ended, the server detaches no other of the same mart.
    """
    found = target.rows(
        """
        SELECT tables.relname, links.inhdetachpending
        FROM pg_class AS tables
        LEFT JOIN pg_inherits AS links ON links.inhrelid = tables.oid
        WHERE tables.relnamespace = %s::regnamespace AND tables.relkind = 'r'
        ORDER BY links.inhdetachpending DESC NULLS LAST, tables.relname
        """,
        target.statement("{store}").as_string(target.connection),
    )
    for name, is_pending in found:
        named = PART.match(name)
        if named and int(named["number"]) in numbers:
            yield named["mart"], name, is_pending
