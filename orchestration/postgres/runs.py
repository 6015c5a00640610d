"""The runs that the database holds, and which one its views show."""

from typing import Final, LiteralString

from orchestration.postgres.server import Target
from orchestration.publish import Release

MADE: Final[tuple[LiteralString, ...]] = (
    """
    CREATE TABLE IF NOT EXISTS {store}.runs (
        number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        run_id text NOT NULL,
        as_of_date date NOT NULL,
        known_at_date date NOT NULL,
        began_at timestamptz NOT NULL DEFAULT now(),
        in_force_at timestamptz,
        replaced_by xid8
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS {store}.current_run (
        is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
        number integer REFERENCES {store}.runs
    )
    """,
    "INSERT INTO {store}.current_run (number) VALUES (NULL) ON CONFLICT DO NOTHING",
    "CREATE TABLE IF NOT EXISTS {store}.views (mart text PRIMARY KEY, definition text NOT NULL)",
    "CREATE TABLE IF NOT EXISTS {store}.grants (mart text, role_name text, PRIMARY KEY (mart, role_name))",
    """
    CREATE TABLE IF NOT EXISTS {store}.agency_users (
        user_name text NOT NULL,
        agency text NOT NULL,
        PRIMARY KEY (user_name, agency)
    )
    """,
)
"""Ours beside the marts. ``runs.replaced_by`` is the transaction in which another run came in force; ``views`` is what
each view was last made of, ``grants`` whom we let read it; ``agency_users`` is kept by the administrator."""


def make(target: Target) -> None:
    """Make the schemas and our own tables where they are missing."""
    with target.connection.transaction():
        # IF NOT EXISTS asks for the right to make schemas where an administrator has made them too.
        for schema in ("{views}", "{store}"):
            if target.value("SELECT to_regnamespace(%s)", target.statement(schema).as_string()) is None:
                target.execute("CREATE SCHEMA {schema}", schema=target.statement(schema))
        for statement in MADE:
            target.execute(statement)


def current(target: Target) -> int | None:
    """The number of the run in force."""
    number: int | None = target.value("SELECT number FROM {store}.current_run")
    return number


def current_run_id(target: Target) -> str | None:
    """The id of the run in force; None where nothing was ever published."""
    if target.value("SELECT to_regclass(%s)", target.statement("{store}.current_run").as_string()) is None:
        return None
    run_id: str | None = target.value(
        "SELECT run_id FROM {store}.runs JOIN {store}.current_run USING (number)"
    )
    return run_id


def begin(target: Target, release: Release) -> int:
    """Note that a run is being loaded. Returns its number, larger than any before."""
    number: int = target.value(
        "INSERT INTO {store}.runs (run_id, as_of_date, known_at_date) VALUES (%s, %s, %s) RETURNING number",
        release.run_id,
        release.as_of_date,
        release.known_at_date,
    )
    return number


def put_in_force(target: Target, number: int) -> None:
    """Let the views show the run: every reader's next statement sees all of it, and none waits."""
    with target.connection.transaction():
        # The one commit that must have reached the disk; what was written before it reaches the disk before it.
        target.execute("SET LOCAL synchronous_commit = on")
        target.execute(
            "UPDATE {store}.runs SET replaced_by = pg_current_xact_id() "
            "WHERE number = (SELECT number FROM {store}.current_run)"
        )
        target.execute("UPDATE {store}.runs SET in_force_at = clock_timestamp() WHERE number = %s", number)
        target.execute("UPDATE {store}.current_run SET number = %s", number)
