"""Changing what people are reading, without making them wait."""

import time
from typing import Final, LiteralString

import psycopg
from psycopg.sql import Composable

from orchestration.errors import TargetError
from orchestration.postgres.server import Target, where

MOMENT: Final = "50ms"
"""How long a statement waits for its lock, and with it whoever comes after: half of what a reader may notice."""

PATIENCE_SECONDS: Final = 60.0
PAUSE_SECONDS: Final = 0.25

PLANNING_SECONDS: Final = 2.0
"""How long a run may wait for statements that began before its tables were there. Planning takes less."""

LOOK_SECONDS: Final = 0.01


def patiently(target: Target, template: LiteralString, **names: str | Composable) -> None:
    """Run a statement that locks out readers for the moment that it takes, trying again while somebody reads.

    Only a mart with new columns, or another policy, needs one. Raises TargetError when there is always somebody.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with target.connection.transaction():
                target.execute("SET LOCAL lock_timeout = {moment}", moment=psycopg.sql.Literal(MOMENT))
                target.execute(template, **names)
        except psycopg.errors.LockNotAvailable:
            if time.monotonic() > until:
                raise TargetError(
                    f"PostgreSQL ({where(target.settings)}) did not get the marts: somebody has been reading a mart "
                    f"that is to change for {PATIENCE_SECONDS:.0f} seconds; run encours publish when "
                    "that query has ended (pg_stat_activity shows it)."
                ) from None
            time.sleep(PAUSE_SECONDS)
        else:
            return


def let_planners_pass(target: Target) -> None:
    """Wait until the statements have ended that may have been planned before the run's tables were attached.

    Under READ COMMITTED a statement is planned by one snapshot and executed by a later one. Planned before the tables
    were there and begun after their run is in force, it would find nothing in any of them. The server does not tell
    planning from executing, so a query that takes longer keeps a run for ``PLANNING_SECONDS``. Raises psycopg.Error.
    """
    attached = target.value("SELECT pg_snapshot_xmax(pg_current_snapshot())::xid::text")
    until = time.monotonic() + PLANNING_SECONDS
    while time.monotonic() < until and target.value(
        """
        SELECT count(*)
        FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND age(backend_xmin) > age(%s::xid)
        """,
        attached,
    ):
        time.sleep(LOOK_SECONDS)
