"""What a reviewer sees at once of what was decided since the last refresh."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from decisions.attention import Attention, attention
from decisions.chain import Row, chained, decision
from decisions.decision import Decision, NewDecision, in_force
from decisions.pending import Pending, decided_before, pending
from tests.unit.decisions.to_take import accept, undo

RUN = datetime(2026, 3, 12, 8, tzinfo=UTC)


def decided(*news: NewDecision) -> list[Decision]:
    """The decisions, a minute apart, the first a minute after the run began."""
    rows: list[Row] = []
    for number, new in enumerate(news, start=1):
        rows.append(
            chained(
                new,
                sequence=number,
                decided_at=RUN + timedelta(minutes=number),
                previous_hash=rows[-1].hash if rows else "",
            )
        )
    return [decision(row) for row in rows]


def exception(exception_id: str, object_id: str, **proposals: Sequence[str]) -> dict[str, Any]:
    """An exception about an object, whose proposals hold these lines."""
    suggestion = [
        {"match_id": match_id, "members": [{"object_id": line} for line in lines]}
        for match_id, lines in proposals.items()
    ]
    return {"exception_id": exception_id, "object_id": object_id, "suggestion": json.dumps(suggestion)}


AMBIGUOUS = [
    exception("E1", "bank-1", M1=["bank-1", "entry-1"], M2=["bank-1", "entry-2"]),
    exception("E2", "entry-1", M1=["bank-1", "entry-1"], M3=["bank-3", "entry-1"]),
    exception("E3", "entry-2", M2=["bank-1", "entry-2"]),
    exception("E4", "bank-3", M3=["bank-3", "entry-1"]),
    exception("E5", "bank-5"),
]
"""Two entries stand equal for one bank line; the first may also be another's."""


def effects(decisions: Sequence[Decision], applied: int = 0) -> dict[str, str]:
    return {
        exception_id: one.effect
        for exception_id, one in pending(decisions, AMBIGUOUS, applied=applied).items()
    }


def test_nothing_is_pending_of_what_the_run_has_applied() -> None:
    assert effects(decided(accept("E1", ("bank-1", "entry-1"))), applied=1) == {}


def test_where_only_the_clock_can_tell_a_run_has_read_what_was_decided_before_it_began() -> None:
    decisions = decided(accept("E1"), accept("E2"))
    assert decided_before(decisions, RUN) == 0
    assert decided_before(decisions, RUN + timedelta(minutes=1)) == 1
    assert decided_before(decisions, RUN + timedelta(hours=1)) == 2


def test_an_accepted_proposal_matches_both_lines_and_takes_them_from_its_rivals() -> None:
    (said,) = decisions = decided(accept("E1", ("bank-1", "entry-1")))
    assert pending(decisions, AMBIGUOUS, applied=0) == {
        "E1": Pending("matched", (said,)),
        "E2": Pending("matched", (said,)),
        "E3": Pending("candidates_gone", (said,), frozenset({"M2"})),
        "E4": Pending("candidates_gone", (said,), frozenset({"M3"})),
    }


def test_a_rejected_pair_is_gone_from_the_proposals_of_both_lines() -> None:
    (said,) = decisions = decided(accept("E1", ("entry-1", "bank-1"), kind="reject"))
    assert pending(decisions, AMBIGUOUS, applied=0) == {
        "E1": Pending("candidates_gone", (said,), frozenset({"M1"})),
        "E2": Pending("candidates_gone", (said,), frozenset({"M1"})),
    }


def test_the_latest_word_counts() -> None:
    pair = ("bank-1", "entry-1")
    rejected = accept("E1", pair, kind="reject")
    assert effects(decided(accept("E1", pair), rejected)) == effects(decided(rejected))
    assert effects(decided(rejected, accept("E1", pair)))["E1"] == "matched"
    changed = decided(accept("E1", pair), accept("E1", ("bank-1", "entry-2")))
    assert effects(changed) == {"E1": "matched", "E2": "candidates_gone", "E3": "matched"}


def test_what_was_undone_before_the_run_came_is_of_no_effect() -> None:
    assert effects(decided(accept("E1"), undo(1))) == {}


def test_what_the_run_has_applied_and_was_undone_since_is_looked_at_again() -> None:
    rejected = NewDecision(
        kind="reject", company_id="acme", exception_id="E1", reviewer="anne", pairs=(("bank-1", "entry-1"),)
    )
    decisions = decided(rejected, undo(1))
    found = pending(decisions, AMBIGUOUS, applied=1)
    assert found == {
        "E1": Pending("looked_at_again", (decisions[1],)),
        "E2": Pending("looked_at_again", (decisions[1],)),
    }


def test_a_payer_that_was_named_is_looked_for_by_the_next_refresh() -> None:
    named = NewDecision(
        kind="alias",
        company_id="acme",
        exception_id="E5",
        reviewer="anne",
        payload={"payer_name": "Holding Bleue", "third_party_id": "acme/customer/MARTIN"},
    )
    assert effects(decided(named)) == {"E5": "looked_at_again"}


def test_remarks_change_nothing_and_give_way_to_what_does() -> None:
    remark = NewDecision(kind="comment", exception_id="E1", reviewer="anne", reason="Ask the bank")
    assert effects(decided(remark)) == {"E1": "noted"}
    assert effects(decided(remark, accept("E1")))["E1"] == "matched"


def test_who_looks_at_an_exception_and_from_when_is_what_was_last_said() -> None:
    def about(kind: Any, **payload: Any) -> NewDecision:
        return NewDecision(kind=kind, exception_id="E1", reviewer="anne", payload=payload)

    remark = NewDecision(kind="comment", exception_id="E2", reviewer="anne", reason="Ask the bank")
    decisions = decided(
        about("assign", assignee="anne"),
        about("snooze", until="2026-04-01"),
        about("assign", assignee="bruno"),
        remark,
        accept("E3"),
    )
    assert attention(decisions) == {
        "E1": Attention("bruno", date(2026, 4, 1)),
        "E2": Attention(comments=(decisions[3],)),
    }
    taken_back = decided(
        about("assign", assignee="anne"),
        about("assign", assignee=""),
        about("snooze", until="2026-04-01"),
        undo(3),
    )
    assert attention(in_force(taken_back)) == {"E1": Attention()}
