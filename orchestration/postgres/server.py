"""The way to the server: where it is, one publisher at a time, and its errors in one sentence."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, LiteralString

import psycopg
from adbc_driver_manager import dbapi
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import SQL, Composable, Composed, Identifier

from home.settings_publishing import PostgreSQL
from orchestration.errors import TargetError

LEAST_VERSION: Final = 150000
"""PostgreSQL 15: the first whose unique indexes can take nulls for equal, as the grain of a mart does."""

CONNECT_SECONDS: Final = 10
WAIT_SECONDS: Final = 10.0
"""How long a second publisher waits for the first; that of a killed process is gone in less."""

LOCK_TIMEOUT: Final = "60s"
"""How long a statement waits for a lock that no reader holds: an administrator's, who is at work on a mart."""

SESSION: Final = (
    f"SET lock_timeout = '{LOCK_TIMEOUT}'",
    # Limits that are set for people who ask, not for loads.
    "SET statement_timeout = 0",
    "SET idle_session_timeout = 0",
    # A publisher that was killed, or whose machine is gone, must not hold the lock for hours.
    "SET tcp_keepalives_idle = 30",
    "SET client_connection_check_interval = '2s'",
    # The commit that puts a run in force waits for the disk, and with it for everything before it.
    "SET synchronous_commit = off",
    "SET maintenance_work_mem = '256MB'",
    # Indexes of several tables are made at once; helpers of each would only get into each other's way.
    "SET max_parallel_maintenance_workers = 0",
    # A third of the usual sample: a fiftieth of a publication's time rather than a tenth.
    "SET default_statistics_target = 30",
    "SET TimeZone = 'UTC'",
)


def address(settings: PostgreSQL) -> str:
    """How to reach the server, as libpq understands it. Raises TargetError when the environment does not say."""
    if settings.service:
        given = make_conninfo(service=settings.service)
    else:
        given = os.environ.get(settings.url_variable, "")
        if not given:
            raise TargetError(
                f"PostgreSQL did not get the marts: the environment variable {settings.url_variable} is not set; set "
                "it to the server's URL, or name a service in [publishing.postgresql], and run encours publish."
            )
    try:
        timeout = {} if "connect_timeout" in conninfo_to_dict(given) else {"connect_timeout": CONNECT_SECONDS}
        return make_conninfo(given, application_name="encours", **timeout)
    except psycopg.ProgrammingError:
        # The server's own words would repeat a part of the URL, perhaps the password.
        raise TargetError(
            f"PostgreSQL did not get the marts: what {settings.url_variable} holds is no URL of a server; write it as "
            "postgresql://user:password@host:5432/database and run encours publish."
        ) from None


@contextmanager
def told_in_one_sentence(settings: PostgreSQL) -> Iterator[None]:
    """Turn what the server or its drivers complain of into a TargetError."""
    try:
        yield
    except (psycopg.Error, dbapi.Error) as error:
        # The driver for Arrow puts its own words before the server's.
        said = str(error).rpartition("PGRES_FATAL_ERROR ERROR:")[2]
        said = said.split("\n\t")[0].split("\nCONTEXT:")[0].split("\nDETAIL:")[0]
        reason = " ".join(said.split()).rstrip(".")
        raise TargetError(
            f"PostgreSQL ({where(settings)}) did not get the marts: {reason}; it keeps those that it has; when that is "
            "put right, run encours publish."
        ) from error


def where(settings: PostgreSQL) -> str:
    """Where the settings say that the server is, without user and password."""
    return f"service {settings.service}" if settings.service else settings.url_variable


@dataclass(frozen=True)
class Target:
    """A connection to the server, of which each statement is a transaction of its own, and the schemas there."""

    connection: psycopg.Connection[tuple[Any, ...]]
    settings: PostgreSQL

    def execute(
        self, template: LiteralString, *values: object, **names: str | Composable
    ) -> psycopg.Cursor[tuple[Any, ...]]:
        """Run one statement: ``{views}`` and ``{store}`` are the two schemas, other names are quoted where they stand.

        Raises psycopg.Error.
        """
        return self.connection.execute(self.statement(template, **names), values or None)

    def rows(
        self, template: LiteralString, *values: object, **names: str | Composable
    ) -> list[tuple[Any, ...]]:
        """The rows of a query. Raises psycopg.Error."""
        return self.execute(template, *values, **names).fetchall()

    def value(self, template: LiteralString, *values: object, **names: str | Composable) -> Any:
        """The first column of a query's first row; None when there is none. Raises psycopg.Error."""
        row = self.execute(template, *values, **names).fetchone()
        return row[0] if row else None

    def statement(self, template: LiteralString, **names: str | Composable) -> Composed:
        """The statement with its names filled in."""
        schemas = {"views": self.settings.schema_name, "store": f"{self.settings.schema_name}_runs"}
        return SQL(template).format(
            **{
                key: part if isinstance(part, Composable) else Identifier(part)
                for key, part in (schemas | names).items()
            }
        )


@contextmanager
def connected(settings: PostgreSQL) -> Iterator[Target]:
    """A connection to the server. Raises psycopg.Error and TargetError."""
    with psycopg.connect(address(settings), autocommit=True) as connection:
        for setting in SESSION:
            connection.execute(setting)
        yield Target(connection, settings)


@contextmanager
def one_publisher(target: Target) -> Iterator[None]:
    """Hold the schema's advisory lock. Raises TargetError when another publisher has it and keeps it."""
    schema = target.settings.schema_name
    key = f"encours publishes to {schema}"
    until = time.monotonic() + WAIT_SECONDS
    while not target.value("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", key):
        if time.monotonic() > until:
            raise TargetError(
                f"PostgreSQL ({where(target.settings)}) did not get the marts: another encours is publishing to "
                f"schema {schema}; wait until it has ended, and run encours publish."
            )
        time.sleep(0.2)
    try:
        yield
    finally:
        if not target.connection.broken:
            target.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", key)


def check(target: Target) -> None:
    """Raise TargetError when the server is too old or does not know a role that the settings name."""
    settings, version = target.settings, target.connection.info.server_version
    if version < LEAST_VERSION:
        raise TargetError(
            f"PostgreSQL ({where(settings)}) did not get the marts: it is version {version // 10000}, and "
            f"{LEAST_VERSION // 10000} or later is needed; upgrade it, or publish to another server."
        )
    for key, role in (("reader_role", settings.reader_role), ("sales_role", settings.sales_role)):
        if role and not target.value("SELECT count(*) FROM pg_roles WHERE rolname = %s", role):
            made = target.statement("CREATE ROLE {role}", role=role).as_string()
            raise TargetError(
                f"PostgreSQL ({where(settings)}) did not get the marts: it has no role {role!r}, which encours.toml "
                f"names as {key}; make it with {made}, or correct the name, and run encours publish."
            )
