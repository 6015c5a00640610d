"""What decisions made since a run will do to the exceptions that it left: shown at once, applied by the next run."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from decisions.decision import GROUPING, NOTES, Decision, in_force

NOTED: Final = (*NOTES, "contact")
"""They change no figure."""

Effect = Literal["matched", "candidates_gone", "looked_at_again", "noted"]


@dataclass(frozen=True)
class Pending:
    """What the next refresh will do to one exception; of several effects, the first of these.

    | effect | |
    |---|---|
    | matched | its line was accepted or matched by hand: the exception goes |
    | candidates_gone | proposals of it were rejected, or hold a line that was matched with another |
    | looked_at_again | something was decided or undone that only the next refresh can tell the effect of |
    | noted | it was assigned, snoozed or remarked upon, no more |
    """

    effect: Effect
    decisions: tuple[Decision, ...]
    """Those that bring it about, in their order."""
    candidates_gone: frozenset[str] = frozenset()
    """``match_id`` of the proposals in its ``suggestion`` that will not be there."""


def pending(
    decisions: Iterable[Decision], exceptions: Iterable[Mapping[str, Any]], *, applied: int
) -> dict[str, Pending]:
    """``exception_id`` → what will become of it; exceptions that nothing has touched are not in it.

    ``decisions`` are all of the store, those taken back and the undos included. ``exceptions`` are rows of
    ``fct_reconciliation_exceptions`` (of them: exception_id, object_id, suggestion); ``applied`` is the sequence of the
    newest decision that their run has read. When each was made does not matter: one that was imported may be older than
    the run, and clocks differ.
    """
    made = _Made.of(list(decisions), applied)
    found = {}
    for exception in exceptions:
        told = made.told(exception["exception_id"], exception["object_id"], exception["suggestion"])
        if told:
            found[exception["exception_id"]] = told
    return found


def decided_before(decisions: Iterable[Decision], moment: datetime) -> int:
    """The sequence of the newest decision made until a moment, 0 where there is none: what a run that began then has
    read, as far as clocks can tell."""
    return max((one.sequence for one in decisions if one.decided_at <= moment), default=0)


@dataclass(frozen=True)
class _Made:
    """What was decided since, by what it is about."""

    groups: Mapping[str, Sequence[Decision]]
    """Line → those that match it."""
    rejections: Mapping[frozenset[str], Sequence[Decision]]
    """Pair → those that reject it."""
    others: Mapping[str, Sequence[Decision]]
    """Exception or line → those of which only a refresh can tell the effect."""
    notes: Mapping[str, Sequence[Decision]]
    """Exception → those that change nothing in the figures."""

    @classmethod
    def of(cls, decisions: Sequence[Decision], applied: int) -> "_Made":
        groups: dict[str, list[Decision]] = defaultdict(list)
        rejections: dict[frozenset[str], list[Decision]] = defaultdict(list)
        others: dict[str, list[Decision]] = defaultdict(list)
        notes: dict[str, list[Decision]] = defaultdict(list)
        rejected: set[frozenset[str]] = set()
        matched: set[frozenset[str]] = set()
        regrouped: set[str] = set()
        # The newest first: what was said of a pair, or an exception, before is of no effect.
        for one in reversed([one for one in in_force(decisions) if one.sequence > applied]):
            pairs = set(map(frozenset, one.pairs))
            if one.kind in GROUPING:
                if pairs.isdisjoint(rejected) and one.exception_id not in regrouped:
                    for line in _lines(one):
                        groups[line].insert(0, one)
                matched |= pairs
                if one.exception_id:
                    regrouped.add(one.exception_id)
            elif one.kind == "reject":
                for pair in pairs - matched:
                    rejections[pair].insert(0, one)
                rejected |= pairs
            elif one.kind in NOTED:
                notes[one.exception_id or ""].insert(0, one)
            if one.kind in ("reject", "alias", "forget", "promise", "dispute", "settle_dispute"):
                others[one.exception_id or ""].insert(0, one)
        for undo, undone in _undone(decisions, applied):
            for about in {undone.exception_id, *_lines(undone)} - {None}:
                (notes if undone.kind in NOTED else others)[about or ""].append(undo)
        return cls(groups, rejections, others, notes)

    def told(self, exception_id: str, object_id: str, suggestion: str | None) -> Pending | None:
        """What becomes of one exception; None when nothing does."""
        if object_id in self.groups:
            return Pending("matched", tuple(self.groups[object_id]))
        gone, by = self._candidates_gone(json.loads(suggestion or "[]"))
        if gone:
            return Pending("candidates_gone", tuple(sorted(by, key=lambda one: one.sequence)), gone)
        others = [*self.others.get(exception_id, ()), *self.others.get(object_id, ())]
        if others:
            return Pending("looked_at_again", tuple(dict.fromkeys(others)))
        notes = self.notes.get(exception_id)
        return Pending("noted", tuple(notes)) if notes else None

    def _candidates_gone(
        self, candidates: Sequence[Mapping[str, Any]]
    ) -> tuple[frozenset[str], set[Decision]]:
        gone, by = set(), set()
        for candidate in candidates:
            lines = {member["object_id"] for member in candidate["members"]}
            because = {one for line in lines for one in self.groups.get(line, ())}
            because |= {one for pair, made in self.rejections.items() if pair <= lines for one in made}
            if because:
                gone.add(candidate["match_id"])
                by |= because
        return frozenset(gone), by


def _lines(one: Decision) -> set[str]:
    return {line for pair in one.pairs for line in pair}


def _undone(decisions: Sequence[Decision], applied: int) -> Iterable[tuple[Decision, Decision]]:
    """Each undo since, and what it takes back, where the run had applied that."""
    by_sequence = {one.sequence: one for one in decisions}
    for one in decisions:
        if one.kind == "undo" and one.sequence > applied:
            undone = by_sequence[int(one.payload["sequence"])]
            if undone.sequence <= applied:
                yield one, undone
