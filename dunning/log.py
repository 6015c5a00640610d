"""The log of messages to customers: a file of the home, ``dunning.db`` (SQLite in WAL mode), only ever added to.

Each message has a row before anything of it leaves, and a result after. A message without a result is *unknown*: the
process was killed, or the line broke, while the server had it. It may have gone out, so it is never sent again by
itself; a person who has looked for its Message-ID at the mail server says what became of it. The database itself
refuses what would break this, whoever asks: triggers against UPDATE and DELETE, and against a second message for an
action that has one that did not fail.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, Literal

import pyarrow as pa

from dunning.action import Action, clean
from dunning.errors import AlreadyToldError, LogError
from home.layout import Home
from home.tables import DUNNING_SENT

State = Literal["sent", "unknown", "failed"]
Result = Literal["sent", "failed"]
Teller = Literal["server", "person"]

BUSY_SECONDS: Final = 10.0
"""How long a writer waits for another one; each writes for milliseconds."""

NEVER_CHANGED: Final = "what was sent is never changed or deleted"
TABLES: Final = """
CREATE TABLE messages (
    message_id TEXT NOT NULL PRIMARY KEY,
    action_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    company_id TEXT NOT NULL,
    third_party_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    intended_at TEXT NOT NULL,
    sent_on TEXT NOT NULL
) STRICT;
CREATE INDEX messages_by_action ON messages (action_id);
CREATE TABLE message_items (
    message_id TEXT NOT NULL REFERENCES messages (message_id),
    item_id TEXT NOT NULL,
    document_ref TEXT NOT NULL,
    level INTEGER NOT NULL,
    PRIMARY KEY (message_id, item_id)
) STRICT;
CREATE INDEX messages_by_item ON message_items (item_id);
CREATE TABLE results (
    sequence INTEGER NOT NULL PRIMARY KEY,
    message_id TEXT NOT NULL REFERENCES messages (message_id),
    outcome TEXT NOT NULL CHECK (outcome IN ('sent', 'failed')),
    told_by TEXT NOT NULL CHECK (told_by IN ('server', 'person')),
    reply TEXT NOT NULL,
    told_at TEXT NOT NULL
) STRICT;
CREATE INDEX results_by_message ON results (message_id);
CREATE VIEW message_states AS
SELECT messages.*, coalesce(results.outcome, 'unknown') AS outcome, results.told_by, results.reply, results.told_at
FROM messages LEFT JOIN results
    ON results.sequence = (SELECT max(sequence) FROM results WHERE results.message_id = messages.message_id);
"""
GUARDS: Final = (
    *(
        f"CREATE TRIGGER {table}_{verb.lower()}d BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{NEVER_CHANGED}'); END"
        for table in ("messages", "message_items", "results")
        for verb in ("UPDATE", "DELETE")
    ),
    # INSERT OR REPLACE deletes without asking the triggers above.
    f"""CREATE TRIGGER messages_replaced BEFORE INSERT ON messages
    WHEN EXISTS (SELECT 1 FROM messages WHERE message_id = NEW.message_id)
    BEGIN SELECT RAISE(ABORT, '{NEVER_CHANGED}'); END""",
    f"""CREATE TRIGGER message_items_replaced BEFORE INSERT ON message_items
    WHEN EXISTS (
        SELECT 1 FROM message_items WHERE message_id = NEW.message_id AND item_id = NEW.item_id
    )
    BEGIN SELECT RAISE(ABORT, '{NEVER_CHANGED}'); END""",
    f"""CREATE TRIGGER results_replaced BEFORE INSERT ON results
    WHEN EXISTS (SELECT 1 FROM results WHERE sequence = NEW.sequence)
    BEGIN SELECT RAISE(ABORT, '{NEVER_CHANGED}'); END""",
    """CREATE TRIGGER messages_told_twice BEFORE INSERT ON messages
    WHEN EXISTS (SELECT 1 FROM message_states WHERE action_id = NEW.action_id AND outcome <> 'failed')
    BEGIN SELECT RAISE(ABORT, 'this action has a message already'); END""",
    """CREATE TRIGGER results_told_twice BEFORE INSERT ON results
    WHEN NEW.told_by = 'server' AND EXISTS (SELECT 1 FROM results WHERE message_id = NEW.message_id)
    BEGIN SELECT RAISE(ABORT, 'what became of this message is told'); END""",
)


@dataclass(frozen=True)
class Message:
    """A message as the log keeps it before it leaves. ``sha256`` is that of all that the server is given."""

    message_id: str
    action: Action
    recipient: str
    subject: str
    sha256: str
    intended_at: datetime
    sent_on: date
    """The day of ``intended_at`` in the home's time zone."""


@dataclass(frozen=True)
class Entry:
    """A message in the log, with what is known of it."""

    message_id: str
    action_id: str
    run_id: str
    company_id: str
    third_party_id: str
    channel: str
    recipient: str
    subject: str
    sha256: str
    intended_at: datetime
    sent_on: date
    outcome: State
    told_by: Teller | None
    reply: str | None


class Log:
    """The log of a home; made when it is first used. A context manager that closes it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._told():
            # Transactions begin where this module says, not where Python's driver would.
            self._connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
            self._connection.row_factory = sqlite3.Row
            self._connection.execute("PRAGMA journal_mode = WAL")
            # A commit has reached the disk when it returns.
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA foreign_keys = ON")
            with self._writing():
                if not self._connection.execute("SELECT 1 FROM sqlite_master").fetchone():
                    for statement in (*TABLES.split(";\n")[:-1], *GUARDS):
                        self._connection.execute(statement)

    def __enter__(self) -> "Log":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def intend(
        self,
        message: Message,
        marts_known_at: datetime,
        *,
        refused: str | None = None,
        done_by_hand: bool = False,
    ) -> None:
        """Keep that a message is about to go out: once this has returned, that is on disk, and it may.

        With what became of it, where that is known: ``refused`` is the server's reply, ``done_by_hand`` is a person's
        word.
        Raises AlreadyToldError when the action has a message that did not fail, or when one of its documents was
        written about since ``marts_known_at``, when the run that made the action read the log; and LogError.
        """
        action = message.action
        with self._told(), self._writing():
            self._refuse_told(action, marts_known_at)
            self._connection.execute(
                "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    message.message_id,
                    action.action_id,
                    action.run_id,
                    action.company_id,
                    action.third_party_id,
                    action.channel,
                    message.recipient,
                    message.subject,
                    message.sha256,
                    _moment(message.intended_at),
                    message.sent_on.isoformat(),
                ),
            )
            self._connection.executemany(
                "INSERT INTO message_items VALUES (?, ?, ?, ?)",
                [
                    (message.message_id, item.item_id, clean(item.document_ref), item.level)
                    for item in action.items
                ],
            )
            if refused is not None:
                self._tell(message.message_id, "failed", "server", refused)
            elif done_by_hand:
                self._tell(message.message_id, "sent", "person", "")

    def tell(self, message_id: str, outcome: Result, *, by: Teller, reply: str = "") -> None:
        """Keep what became of a message: the server's word once, whatever a person says after it. Raises LogError."""
        with self._told(), self._writing():
            self._tell(message_id, outcome, by, reply)

    def _tell(self, message_id: str, outcome: Result, by: Teller, reply: str) -> None:
        self._connection.execute(
            "INSERT INTO results (message_id, outcome, told_by, reply, told_at) VALUES (?, ?, ?, ?, ?)",
            (message_id, outcome, by, reply, _moment(datetime.now(UTC))),
        )

    def of_actions(self) -> Mapping[str, Entry]:
        """Action id → its newest message."""
        with self._told():
            rows = self._connection.execute("SELECT * FROM message_states ORDER BY intended_at, rowid")
            return {row["action_id"]: _entry(row) for row in rows}

    def unknown(self) -> Sequence[Entry]:
        """The messages that may have gone out or not, the oldest first."""
        with self._told():
            rows = self._connection.execute(
                "SELECT * FROM message_states WHERE outcome = 'unknown' ORDER BY intended_at, rowid"
            )
            return [_entry(row) for row in rows]

    def named(self, wanted: str) -> Sequence[Entry]:
        """The messages whose id, or whose action's, is the one that is wanted or begins so."""
        text = wanted.strip("<>")
        with self._told():
            rows = self._connection.execute(
                "SELECT * FROM message_states WHERE substr(ltrim(message_id, '<'), 1, ?) = ? "
                "OR substr(action_id, 1, ?) = ? ORDER BY intended_at, rowid",
                (len(text), text, len(text), text),
            )
            return [_entry(row) for row in rows]

    def _refuse_told(self, action: Action, marts_known_at: datetime) -> None:
        told = self._connection.execute(
            "SELECT * FROM message_states WHERE action_id = ? AND outcome <> 'failed'", (action.action_id,)
        ).fetchone()
        if told:
            raise AlreadyToldError(f"it is {told['outcome']} already, {told['message_id']}")
        wanted = [item.item_id for item in action.items]
        told = self._connection.execute(
            "SELECT message_states.* FROM message_states JOIN message_items USING (message_id) "
            f"WHERE item_id IN ({', '.join('?' * len(wanted))}) AND intended_at >= ? AND outcome <> 'failed'",
            (*wanted, _moment(marts_known_at)),
        ).fetchone()
        if told:
            raise AlreadyToldError(
                f"{told['message_id']} was about one of its documents, and the marts do not know it yet; refresh"
            )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """A transaction that no other writer shares: all of it is kept when the block ends well, else nothing."""
        # Two that read and then write would otherwise both read first.
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the database says, in one sentence."""
        try:
            yield
        except sqlite3.Error as error:
            raise LogError(
                f"{self._path}: the log of messages cannot be used ({clean(str(error))}); see that it may be written "
                "and that nothing else holds it."
            ) from error


def sent_table(home: Home) -> pa.Table:
    """The dbt source ``dunning.sent``, in the schema ``home.tables.DUNNING_SENT``: a row per document of each message.

    Only read; nothing when nothing was ever sent. Raises LogError.
    """
    if not home.dunning_log.exists():
        return DUNNING_SENT.empty_table()
    rows = _read(
        home,
        "SELECT action_id, company_id, third_party_id, item_id, document_ref, intended_at, sent_on, level, "
        "channel, outcome FROM message_states JOIN message_items USING (message_id) "
        "ORDER BY intended_at, message_id, item_id",
    )
    told = [(*row[:5], datetime.fromisoformat(row[5]), date.fromisoformat(row[6]), *row[7:]) for row in rows]
    return pa.Table.from_pylist(
        [dict(zip(DUNNING_SENT.names, row, strict=True)) for row in told], schema=DUNNING_SENT
    )


def log_position(home: Home) -> str:
    """How far the log has come: another text after each row that is added, empty before the first. Raises LogError."""
    if not home.dunning_log.exists():
        return ""
    (messages, results) = _read(
        home, "SELECT (SELECT count(*) FROM messages), (SELECT coalesce(max(sequence), 0) FROM results)"
    )[0]
    return f"{messages} {results}"


def _read(home: Home, query: str) -> list[tuple[Any, ...]]:
    try:
        with closing(sqlite3.connect(f"{home.dunning_log.as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()
    except sqlite3.Error as error:
        raise LogError(
            f"{home.dunning_log}: the log of messages cannot be read ({clean(str(error))}); restore it from a copy."
        ) from error


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _entry(row: sqlite3.Row) -> Entry:
    told = dict(row)
    del told["told_at"]
    told["intended_at"] = datetime.fromisoformat(told["intended_at"])
    told["sent_on"] = date.fromisoformat(told["sent_on"])
    return Entry(**told)
