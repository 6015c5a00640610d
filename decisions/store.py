"""The store of decisions: append, read, verify.

It is a file of the home, ``decisions.db`` (SQLite in WAL mode), or a PostgreSQL database when the settings name the
environment variable that holds its URL. A decision that was given back has reached the disk. Several processes may
write at once: each decision waits for the one before it.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Self

from sqlalchemy import Connection, Engine, Select, select
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError

from decisions import database
from decisions.chain import NO_HEADS, Broken, NotADecisionError, Row, Verified, chained, decision, verify
from decisions.database import DECISIONS, reading, writing
from decisions.decision import (
    GROUPING,
    Decision,
    DecisionRefusedError,
    DecisionsError,
    NewDecision,
    in_force,
    refuse_incoherent,
)
from home.layout import Home
from home.settings import Settings

IN_ORDER: Final = select(DECISIONS).order_by(DECISIONS.c.sequence)
NEWEST_FIRST: Final = select(DECISIONS).order_by(DECISIONS.c.sequence.desc())


class StoreError(DecisionsError):
    """The store cannot be used."""


class NotAdoptedError(DecisionsError):
    """Decisions of another store that cannot follow those of this one."""


@dataclass(frozen=True)
class Adopted:
    """How many decisions an import has added, and how many were there already."""

    added: int
    already: int


class DecidedMeanwhileError(DecisionsError):
    """Somebody else has decided since; nothing was written. ``decision`` is theirs, the newest."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(
            f"{decision.reviewer} decided about it meanwhile ({decision.kind}, {decision.reference}); look at it again."
        )
        self.decision = decision


class Store:
    """Decisions in their order. Safe to share between threads; a context manager that closes it."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self.name = name
        """What it is called in messages: a path, or a URL without its password."""
        try:
            with self._told():
                database.create(engine)
        except StoreError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def head(self) -> str:
        """The hash of the newest decision; empty when there is none."""
        with self._told(), reading(self._engine) as connection:
            return _newest(connection)[1]

    def newest(self) -> int:
        """The sequence of the newest decision; 0 when there is none."""
        with self._told(), reading(self._engine) as connection:
            return _newest(connection)[0]

    def append(
        self,
        new: NewDecision,
        *,
        expected: int | None,
        seen: int | None = None,
        decided_at: datetime | None = None,
    ) -> Decision:
        """Keep a decision, made now unless ``decided_at`` says when. What is returned has reached the disk.

        ``expected`` is the newest sequence that the reviewer had seen for the exception (0: none), None where it does
        not matter. ``seen`` is the newest sequence of the whole store that they had seen: what was matched since with
        one of the same lines counts as well, under whichever exception.

        Raises DecidedMeanwhileError when another decision was made since, DecisionRefusedError for one that says too
        little or too much or takes back what cannot be, and StoreError; then nothing is written.
        """
        return self.append_all([new], expected=[expected], seen=seen, decided_at=decided_at)[0]

    def append_all(
        self,
        news: Sequence[NewDecision],
        *,
        expected: Sequence[int | None] | None = None,
        seen: int | None = None,
        decided_at: datetime | None = None,
    ) -> list[Decision]:
        """Keep several decisions in their order, all or none; ``expected`` has one entry for each. Else: ``append``."""
        with self._told(), writing(self._engine) as connection:
            # Read once no other writer can come first: moments are in the order of the chain.
            moment = decided_at or datetime.now(UTC)
            asked = [_completed(connection, new) for new in news]
            for new, newest_seen in zip(asked, expected or [None] * len(asked), strict=True):
                _refuse_decided_meanwhile(connection, new, newest_seen, seen)
            _refuse_undone(connection, asked)
            sequence, head = _newest(connection)
            rows = []
            for new in asked:
                row = chained(new, sequence=sequence + 1, decided_at=moment, previous_hash=head)
                sequence, head = row.sequence, row.hash
                rows.append(row)
            database.add(connection, rows)
        return [decision(row) for row in rows]

    def adopt(self, rows: Sequence[Row]) -> Adopted:
        """Keep decisions that were made in another store, as they are: those that are not here yet, all or none.

        Raises NotAdoptedError when they do not follow the newest one here, or one that is here says something else.
        """
        with self._told(), writing(self._engine) as connection:
            here = _found(connection, IN_ORDER)
            new = []
            for row in rows:
                if not 0 < row.sequence <= len(here):
                    new.append(row)
                elif row != here[row.sequence - 1]:
                    raise NotAdoptedError(
                        f"decision {row.sequence} is in {self.name} already and says something else; the two were "
                        "decided apart and cannot be one chain."
                    )
            found = verify([*here, *new])
            if isinstance(found, Broken):
                raise NotAdoptedError(
                    f"{found.why.rstrip('.')}; import an export of the whole chain, as it was written."
                )
            database.add(connection, new)
        return Adopted(added=len(new), already=len(rows) - len(new))

    def last(self) -> Decision | None:
        """The newest decision, if there is one."""
        with self._told(), reading(self._engine) as connection:
            newest = _found(connection, NEWEST_FIRST.limit(1))
            return decision(newest[0]) if newest else None

    def decisions(self, exception_id: str | None = None) -> list[Decision]:
        """All decisions in their order, or those about one exception."""
        with self._told():
            return [decision(row) for row in self.rows(exception_id)]

    def in_force(self) -> list[Decision]:
        """All decisions in their order, without what was undone and without the undos."""
        return in_force(self.decisions())

    def rows(self, exception_id: str | None = None) -> list[Row]:
        """What is kept, in order, as it is."""
        wanted = IN_ORDER
        if exception_id is not None:
            wanted = wanted.where(DECISIONS.c.exception_id == exception_id)
        with self._told(), reading(self._engine) as connection:
            return _found(connection, wanted)

    def verify(self, heads: Mapping[int, str] = NO_HEADS) -> Verified | Broken:
        """Whether every decision is as it was made, in its place, and none is missing: ``decisions.chain.verify``."""
        return verify(self.rows(), heads)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the database says, in one sentence."""
        try:
            yield
        except NotADecisionError as error:
            raise StoreError(
                f"{self.name}: it holds what is no decision ({error}); encours decisions verify names it."
            ) from error
        except IntegrityError as error:
            raise StoreError(
                f"{self.name}: the decision was not kept ({_first_line(error)}); try again."
            ) from error
        except SQLAlchemyError as error:
            raise StoreError(
                f"{self.name}: the store of decisions cannot be used ({_first_line(error)}); see that it is there, "
                "that it may be written, and that nothing else holds it."
            ) from error


def open_store(home: Home, settings: Settings) -> Store:
    """The store of a home: made when it is not there yet. Raises StoreError."""
    variable = settings.decisions.url_variable
    if not variable:
        return Store(database.sqlite_engine(home.decisions), str(home.decisions))
    url = os.environ.get(variable)
    if not url:
        raise StoreError(
            f"{home.settings_file}: decisions.url_variable names {variable}, which is not set; "
            "set it to the URL of the database that holds the decisions."
        )
    try:
        engine = database.postgresql_engine(url)
    except ImportError as error:
        raise StoreError(
            f"decisions in PostgreSQL need {error.name}, which is not installed; install encours[postgres]."
        ) from None
    except (ArgumentError, ValueError):
        raise StoreError(
            f"{variable} holds no URL of a PostgreSQL database; write it as postgresql://user@host/database."
        ) from None
    # Parameters may hold a password as well.
    return Store(engine, engine.url.set(query={}).render_as_string(hide_password=True))


def _found(connection: Connection, wanted: Select[Any]) -> list[Row]:
    return [Row(**found._mapping) for found in connection.execute(wanted)]


def _newest(connection: Connection) -> tuple[int, str]:
    found = _found(connection, NEWEST_FIRST.limit(1))
    return (found[0].sequence, found[0].hash) if found else (0, "")


def _completed(connection: Connection, new: NewDecision) -> NewDecision:
    """The decision as it can be kept: an undo is about what that which it takes back was about."""
    refuse_incoherent(new)
    if new.kind != "undo":
        return new
    wanted = new.payload["sequence"]
    found = _found(connection, IN_ORDER.where(DECISIONS.c.sequence == wanted))
    if not found:
        raise DecisionRefusedError(
            f"undo: there is no decision #{wanted}; encours decisions list shows them."
        )
    target = decision(found[0])
    if target.kind == "undo":
        raise DecisionRefusedError(f"undo: #{wanted} is an undo itself; decide anew what should hold.")
    return replace(new, exception_id=target.exception_id, company_id=target.company_id)


def _refuse_undone(connection: Connection, news: Sequence[NewDecision]) -> None:
    wanted = [new.payload["sequence"] for new in news if new.kind == "undo"]
    if len(set(wanted)) < len(wanted):
        raise DecisionRefusedError("undo: one decision is taken back twice at once; take it back once.")
    for row in _found(connection, IN_ORDER.where(DECISIONS.c.undoes.in_(wanted))):
        by = decision(row)
        raise DecisionRefusedError(
            f"undo: {by.reviewer} has taken back #{row.undoes} already ({by.reference})."
        )


def _refuse_decided_meanwhile(
    connection: Connection, new: NewDecision, expected: int | None, seen: int | None
) -> None:
    if expected is not None and new.exception_id is not None:
        about_it = DECISIONS.c.exception_id == new.exception_id
        later = _found(connection, NEWEST_FIRST.where(about_it, DECISIONS.c.sequence > expected).limit(1))
        if later:
            raise DecidedMeanwhileError(decision(later[0]))
    if seen is not None and new.kind in GROUPING:
        lines = {line for pair in new.pairs for line in pair}
        since = _found(connection, IN_ORDER.where(DECISIONS.c.sequence > seen))
        for other in reversed(in_force(map(decision, since))):
            if other.kind in GROUPING and not lines.isdisjoint(line for pair in other.pairs for line in pair):
                raise DecidedMeanwhileError(other)


def _first_line(error: SQLAlchemyError) -> str:
    told = getattr(error, "orig", None) or error
    return " ".join(str(told).splitlines()[:1]).strip().rstrip(".") or type(told).__name__
