"""The chain: how a decision is written, how the hash of it is made, and whether a list of rows is whole.

A decision is written as its *content*, canonical JSON (RFC 8785: names in order, no blanks, UTF-8 as it is), with the
names company_id, decided_at, exception_id, kind, pairs, payload, previous_hash, reason, reviewer, sequence.
``decided_at`` is UTC with six decimals and a Z. ``hash`` is the SHA-256 of the content in UTF-8, in hexadecimal;
``previous_hash`` is the hash of the decision before, empty for the first. Whoever changes, removes, inserts or swaps
rows must write anew every hash that follows, and with it the head.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from pydantic import ConfigDict, TypeAdapter
from typing_extensions import TypedDict

from decisions.decision import Decision, DecisionRefusedError, Kind, NewDecision, refuse_incoherent


class _Content(TypedDict):
    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)  # type: ignore[misc]

    company_id: str | None
    decided_at: str
    exception_id: str | None
    kind: Kind
    pairs: list[tuple[str, str]]
    payload: dict[str, str | int]
    previous_hash: str
    reason: str
    reviewer: str
    sequence: int


CONTENT: Final = TypeAdapter(_Content)
NO_HEADS: Final[Mapping[int, str]] = MappingProxyType({})


class NotADecisionError(Exception):
    """A content that is not what this module writes."""


@dataclass(frozen=True)
class Row:
    """A decision as it is kept: what stands beside the content is only there to find it."""

    sequence: int
    exception_id: str | None
    undoes: int | None
    content: str
    previous_hash: str
    hash: str


@dataclass(frozen=True)
class Verified:
    """The chain is whole."""

    count: int
    head: str


@dataclass(frozen=True)
class Broken:
    """The chain is broken at a decision; those before it are as they were made."""

    sequence: int
    why: str
    """One sentence."""


def hash_of(content: str) -> str:
    """The SHA-256 of a content, in hexadecimal."""
    return hashlib.sha256(content.encode()).hexdigest()


def moment_told(moment: datetime) -> str:
    """A moment as contents and exports write it: UTC, six decimals, Z."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def chained(new: NewDecision, *, sequence: int, decided_at: datetime, previous_hash: str) -> Row:
    """The row of a new decision that follows the one of ``previous_hash``."""
    return row_of(
        {
            "company_id": new.company_id,
            "decided_at": moment_told(decided_at),
            "exception_id": new.exception_id,
            "kind": new.kind,
            "pairs": new.pairs,
            "payload": dict(new.payload),
            "previous_hash": previous_hash,
            "reason": new.reason,
            "reviewer": new.reviewer,
            "sequence": sequence,
        }
    )


def row_of(told: Mapping[str, Any]) -> Row:
    """The row whose content has these values."""
    content = _canonical(told)
    undoes = told["payload"]["sequence"] if told["kind"] == "undo" else None
    return Row(
        told["sequence"], told["exception_id"], undoes, content, told["previous_hash"], hash_of(content)
    )


def decision(row: Row) -> Decision:
    """The decision that a row says, as far as it can be read: ``verify`` tells whether it was decided so.

    Raises NotADecisionError.
    """
    told = _told(row.content)
    try:
        decided_at = datetime.fromisoformat(told["decided_at"])
    except ValueError as error:
        raise NotADecisionError(f"it cannot be read ({error})") from None
    if moment_told(decided_at) != told["decided_at"]:
        raise NotADecisionError(f"{told['decided_at']} is no moment in UTC")
    return Decision(
        kind=told["kind"],
        reviewer=told["reviewer"],
        company_id=told["company_id"],
        exception_id=told["exception_id"],
        reason=told["reason"],
        pairs=tuple(told["pairs"]),
        payload=MappingProxyType(told["payload"]),
        sequence=told["sequence"],
        decided_at=decided_at,
        previous_hash=told["previous_hash"],
        hash=row.hash,
    )


def verify(rows: Iterable[Row], heads: Mapping[int, str] = NO_HEADS) -> Verified | Broken:
    """Whether rows, in the order of their sequence, are a whole chain from the first decision on.

    ``heads`` are hashes of decisions that are known from elsewhere, by sequence. Without them nothing tells that the
    newest decisions are gone, or that all of the chain was written anew.
    """
    head, count = "", 0
    undos: dict[int, int] = {}
    for row in rows:
        fault = _fault(row, count + 1, head) or _fault_of_undo(row, undos)
        if fault:
            return Broken(count + 1, fault)
        if row.undoes is not None:
            undos |= {row.undoes: row.sequence, row.sequence: 0}
        head, count = row.hash, count + 1
        if heads.get(count, head) != head:
            return Broken(count, f"decision {count} is another than a refresh has applied.")
    known = max(heads, default=0)
    if known > count:
        return Broken(
            count + 1,
            f"decision {count + 1} is missing: a refresh has applied {known}, and {count} are here.",
        )
    return Verified(count, head)


def _fault(row: Row, expected: int, head: str) -> str:
    """What is wrong with a row that should be the ``expected``-th, after the hash ``head``; empty when nothing is."""
    if row.sequence != expected:
        return f"decision {expected} is missing: {row.sequence} stands in its place."
    if hash_of(row.content) != row.hash:
        return f"decision {expected} is not what was decided: its content does not give its hash."
    try:
        refuse_incoherent(decision(row))
    except (NotADecisionError, DecisionRefusedError) as error:
        return f"decision {expected} is no decision: {str(error).rstrip('.')}."
    if row_of(_told(row.content)) != row:
        return f"decision {expected} is not kept as decisions are: the row and its content differ."
    if row.previous_hash != head:
        return f"decision {expected} does not follow the one before it: that one has another hash."
    return ""


def _fault_of_undo(row: Row, undos: Mapping[int, int]) -> str:
    """What is wrong with what a row takes back. ``undos``: sequence → that of its undo, 0 for an undo itself."""
    if row.undoes is None:
        return ""
    said = f"decision {row.sequence} takes back {row.undoes}, which"
    if not 0 < row.undoes < row.sequence:
        return f"{said} was not made before it."
    by = undos.get(row.undoes)
    if by is None:
        return ""
    return f"{said} {by} has taken back." if by else f"{said} is an undo itself."


def _told(content: str) -> _Content:
    try:
        return CONTENT.validate_json(content)
    except ValueError as error:
        raise NotADecisionError(f"it cannot be read ({' '.join(str(error).split())})") from None


def _canonical(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
