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
