"""Where each case stands: the marts' exceptions, and what was decided about them since, as one list."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from app.figures.cases import Case, Proposal
from decisions.decision import MATCHING, Decision, in_force
from decisions.pending import Pending, pending

Standing = Literal["open", "decided", "snoozed"]
STANDINGS: Final[tuple[Standing, ...]] = ("open", "decided", "snoozed")


@dataclass(frozen=True)
class State:
    """Where a case stands."""

    standing: Standing
    pending: Pending | None
    """What the next refresh will do to it."""
    assignee: str
    until: date | None
    """The day before which nobody needs to look."""
    comments: tuple[Decision, ...]
    history: tuple[Decision, ...]
    """All that was ever decided about it, undos included, oldest first."""

    @property
    def newest(self) -> int:
        """The sequence of the newest decision about it; 0 when there is none."""
        return self.history[-1].sequence if self.history else 0

    @property
    def takes_back(self) -> Decision | None:
        """The newest decision that stands, which an undo would take back."""
        standing = in_force(self.history)
        return standing[-1] if standing else None


@dataclass(frozen=True)
class Board:
    """All cases with where they stand."""

    cases: Mapping[str, Case]
    states: Mapping[str, State]
    newest: int
    """The newest decision of the store."""

    def counts(self) -> Mapping[Standing, int]:
        """How many cases stand where."""
        counts = dict.fromkeys(STANDINGS, 0)
        for state in self.states.values():
            counts[state.standing] += 1
        return counts

    def is_live(self, case: Case, proposal: Proposal) -> bool:
        """Whether a proposal still waits for a judgement: no decision has made away with it, or with its case."""
        state = self.states[case.exception_id]
        gone = state.pending.candidates_gone if state.pending else frozenset()
        return state.standing != "decided" and proposal.match_id not in gone

    def alike(self, case: Case) -> list[Case]:
        """The open cases that one judgement settles together with this one, itself among them."""
        return [
            other
            for other in self.cases.values()
            if other.likeness == case.likeness and self.states[other.exception_id].standing == "open"
        ]


def board(cases: Sequence[Case], decisions: Sequence[Decision], *, applied: int, today: date) -> Board:
    """Cases and decisions as one. ``applied`` is the newest that the marts' run has read."""
    history: dict[str, list[Decision]] = defaultdict(list)
    for one in decisions:
        if one.exception_id:
            history[one.exception_id].append(one)
    effects = pending(
        decisions,
        [
            {"exception_id": case.exception_id, "object_id": case.object_id, "suggestion": case.suggestion}
            for case in cases
        ],
        applied=applied,
    )
    states = {
        case.exception_id: _state(
            case, history[case.exception_id], effects.get(case.exception_id), applied, today
        )
        for case in cases
    }
    by_id = {case.exception_id: case for case in cases}
    return Board(by_id, states, decisions[-1].sequence if decisions else 0)


def _state(
    case: Case, history: Sequence[Decision], effect: Pending | None, applied: int, today: date
) -> State:
    assignee, until, comments = "", None, []
    is_judged = False
    for one in in_force(history):
        if one.kind == "assign":
            assignee = str(one.payload["assignee"])
        elif one.kind == "snooze":
            until = date.fromisoformat(str(one.payload["until"])) if one.payload["until"] else None
        elif one.kind == "comment":
            comments.append(one)
        elif one.kind in MATCHING and one.sequence > applied:
            is_judged = True
    standing: Standing = "open"
    if effect and (effect.effect == "matched" or (is_judged and _nothing_left(case, effect))):
        standing = "decided"
    elif until and until > today:
        standing = "snoozed"
    return State(standing, effect, assignee, until, tuple(comments), tuple(history))


def _nothing_left(case: Case, effect: Pending) -> bool:
    """Whether no candidate is left to judge."""
    return all(proposal.match_id in effect.candidates_gone for proposal in case.proposals)
