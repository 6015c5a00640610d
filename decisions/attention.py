"""What decisions say of an exception beside matches: who looks at it, from when on, and what was remarked."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from decisions.decision import NOTES, Decision


@dataclass(frozen=True)
class Attention:
    """What was last said of one exception."""

    assignee: str | None = None
    until: date | None = None
    """Snoozed: nobody needs to look before that day."""
    comments: tuple[Decision, ...] = ()
    """Oldest first; the remark is the decision's ``reason``."""


def attention(decisions: Iterable[Decision]) -> dict[str, Attention]:
    """``exception_id`` → what decisions in force, in their order, say of it beside matches."""
    found: dict[str, Attention] = {}
    for one in decisions:
        if one.kind not in NOTES or one.exception_id is None:
            continue
        told = found.get(one.exception_id, Attention())
        if one.kind == "assign":
            told = replace(told, assignee=str(one.payload["assignee"]) or None)
        elif one.kind == "snooze":
            until = str(one.payload["until"])
            told = replace(told, until=date.fromisoformat(until) if until else None)
        else:
            told = replace(told, comments=(*told.comments, one))
        found[one.exception_id] = told
    return found
