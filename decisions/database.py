"""The table of decisions, in SQLite or PostgreSQL: rows are only ever added, and each must follow the newest one.

The database itself refuses anything else, whoever asks: triggers against UPDATE, DELETE (and TRUNCATE), one that lets
in only the row that follows, and unique hashes, so that a chain cannot fork.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    URL,
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
    inspect,
    make_url,
    text,
)
from sqlalchemy.pool import NullPool

from decisions.chain import Row

BUSY_SECONDS: Final = 10
"""How long a writer waits for another one; each writes for milliseconds."""

WRITERS_LOCK: Final = int.from_bytes(b"encours")
"""PostgreSQL's name for the place at the head of the queue of writers. It takes no more rights than INSERT."""

METADATA: Final = MetaData()
DECISIONS: Final = Table(
    "encours_decisions",
    METADATA,
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("exception_id", Text, index=True),
    Column("undoes", BigInteger, unique=True),
    Column("content", Text, nullable=False),
    Column("previous_hash", Text, nullable=False, unique=True),
    Column("hash", Text, nullable=False, unique=True),
)

NEVER_CHANGED: Final = "decisions are never changed or deleted: take one back with another"
MUST_FOLLOW: Final = "a decision must follow the newest one"
GUARDS: Final[dict[str, tuple[str, ...]]] = {
    "sqlite": (
        f"""
        CREATE TRIGGER encours_decisions_updated BEFORE UPDATE ON encours_decisions
        BEGIN SELECT RAISE(ABORT, '{NEVER_CHANGED}'); END
        """,
        f"""
        CREATE TRIGGER encours_decisions_deleted BEFORE DELETE ON encours_decisions
        BEGIN SELECT RAISE(ABORT, '{NEVER_CHANGED}'); END
        """,
        # It also stops INSERT OR REPLACE, which deletes without asking the trigger above.
        f"""
        CREATE TRIGGER encours_decisions_inserted BEFORE INSERT ON encours_decisions
        WHEN NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM encours_decisions)
            OR NEW.previous_hash <> coalesce(
                (SELECT hash FROM encours_decisions ORDER BY sequence DESC LIMIT 1), ''
            )
        BEGIN SELECT RAISE(ABORT, '{MUST_FOLLOW}'); END
        """,
    ),
    "postgresql": (
        f"""
        CREATE OR REPLACE FUNCTION encours_decisions_guard() RETURNS trigger LANGUAGE plpgsql AS $guard$
        DECLARE newest record;
        BEGIN
            IF TG_OP <> 'INSERT' THEN RAISE EXCEPTION '{NEVER_CHANGED}'; END IF;
            EXECUTE format('SELECT sequence, hash FROM %I.%I ORDER BY sequence DESC LIMIT 1',
                TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO newest;
            IF NEW.sequence <> coalesce(newest.sequence, 0) + 1
                OR NEW.previous_hash <> coalesce(newest.hash, '')
            THEN RAISE EXCEPTION '{MUST_FOLLOW}'; END IF;
            RETURN NEW;
        END $guard$
        """,
        """
        CREATE TRIGGER encours_decisions_guarded BEFORE INSERT OR UPDATE OR DELETE ON encours_decisions
        FOR EACH ROW EXECUTE FUNCTION encours_decisions_guard()
        """,
        """
        CREATE TRIGGER encours_decisions_truncated BEFORE TRUNCATE ON encours_decisions
        FOR EACH STATEMENT EXECUTE FUNCTION encours_decisions_guard()
        """,
    ),
}


def sqlite_engine(path: Path) -> Engine:
    """An engine on a file, which is made when it is first used. A commit has reached the disk when it returns."""
    # A connection that is kept would go on with a file that somebody has put another in the place of.
    engine = create_engine(
        URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_SECONDS}, poolclass=NullPool
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: object) -> None:
        # Transactions begin where this module says, not where Python's driver would.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Two that read and then write would otherwise both read first, and one of them fail.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def postgresql_engine(url: str) -> Engine:
    """An engine on the database of a URL. Raises ``sqlalchemy.exc.ArgumentError`` when it is none."""
    parsed = make_url(url)
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    # Who waited for another writer must read what that one wrote, whatever the database's own default is.
    return create_engine(parsed, pool_pre_ping=True, isolation_level="READ COMMITTED")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the table, and waits for nobody."""
    with engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that no other writer shares: all of it is kept when the block ends well, else nothing."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL synchronous_commit = on"))
            connection.execute(text(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITERS_LOCK})
        yield connection


def create(engine: Engine) -> None:
    """Make the table and its guards where they are not there yet."""
    if inspect(engine).has_table(DECISIONS.name):
        return
    with writing(engine) as connection:
        if inspect(connection).has_table(DECISIONS.name):
            return
        METADATA.create_all(connection)
        for guard in GUARDS[engine.dialect.name]:
            connection.execute(text(guard))


def add(connection: Connection, rows: Sequence[Row]) -> None:
    """Add rows, the first of which must follow the newest one, and each the one before it."""
    if rows:
        connection.execute(DECISIONS.insert(), [vars(row) for row in rows])
