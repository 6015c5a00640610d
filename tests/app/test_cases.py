"""Which exception comes first, which are equal, and what is decided about them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from app.board import board
from app.figures.cases import Case, Proposal, cases, ordered, paired
from app.figures.marts import PinnedHome, rows
from app.views.bulk import without_rivals
from decisions.decision import Decision

BEGAN = datetime(2026, 6, 30, 6, tzinfo=UTC)
TODAY = date(2026, 6, 30)
CASE = Case(
    exception_id="e",
    company_id="acme",
    company_name="Acme",
    side="bank",
    object_id="b1",
    bank_account_id="acme/FR1",
    account_code="512000",
    reason_code="proposed_match",
    reason_fr="Rapprochement proposé",
    reason_en="Match proposed",
    amount=Decimal("100.00"),
    currency_code="EUR",
    age_days=0,
    severity="low",
    explanation_fr="",
    explanation_en="",
    first_seen_date=TODAY,
    third_party_id=None,
    party=None,
    text="VIR",
    is_line=True,
    suggestion=None,
    proposals=(),
)


def case(name: str, **changes: Any) -> Case:
    return replace(CASE, exception_id=name, **changes)


def proposal(match_id: str, score: str, *, rule: str = "fuzzy", document: str = "l1") -> Proposal:
    return Proposal(match_id, rule, Decimal(score), Decimal("0.00"), None, ("b1",), (document,))


def names(found: list[Case]) -> list[str]:
    return [one.exception_id for one in found]


def test_the_most_pressing_first() -> None:
    found = [
        case("small", severity="high", amount=Decimal("10.00")),
        case("large", amount=Decimal("-900000.00")),
        case("file", severity="high", amount=None),
        # 60.00 of a quarter ago weigh 120.00: more than 100.00 of today.
        case("old", amount=Decimal("60.00"), age_days=90),
        case("new", amount=Decimal("100.00")),
    ]
    assert names(ordered(found, "risk")) == ["file", "small", "large", "old", "new"]
    assert names(ordered(found, "amount")) == ["large", "new", "old", "small", "file"]
    assert names(ordered(found, "age"))[0] == "old"


def test_equal_proposals_have_no_best() -> None:
    assert case("e", proposals=(proposal("m1", "0.5"), proposal("m2", "0.5"))).best is None
    assert case("e", proposals=(proposal("m1", "0.6"), proposal("m2", "0.5"))).best == proposal("m1", "0.6")
    assert case("e").best is None


def test_equal_cases() -> None:
    one = case("one", proposals=(proposal("m1", "0.9"),))
    assert one.likeness == case("other", amount=Decimal("5.00"), proposals=(proposal("m2", "0.7"),)).likeness
    for changes in (
        {"amount": Decimal("-5.00")},
        {"account_code": "512100"},
        {"reason_code": "ambiguous"},
        {"company_id": "other"},
        {"proposals": (proposal("m1", "0.9", rule="amount"),)},
        {"proposals": ()},
    ):
        assert one.likeness != replace(one, **changes).likeness  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("some", "others", "pairs"),
    [
        (("b1",), ("l1",), (("b1", "l1"),)),
        (("b1",), ("l1", "l2"), (("b1", "l1"), ("b1", "l2"))),
        (("b1", "b2"), ("l1", "l2"), (("b1", "l1"), ("b1", "l2"), ("b2", "l1"))),
        (("b1", "b2"), (), (("b1", "b2"),)),
    ],
)
def test_pairs_hold_all_lines_together(some: Any, others: Any, pairs: Any) -> None:
    assert paired(some, others) == pairs


def test_of_proposals_that_need_the_same_line_one_is_accepted() -> None:
    def needs(payment: str, document: str) -> Proposal:
        return replace(proposal(payment + document, "0.9", document=document), payments=(payment,))

    chosen = [
        (case("a"), needs("b1", "l1")),
        (case("b"), needs("b2", "l1")),
        (case("c"), needs("b2", "l2")),
        (case("d"), needs("b1", "l1")),
    ]
    assert [one.exception_id for one, _ in without_rivals(chosen)] == ["a", "c"]


def test_every_exception_is_a_case_that_says_what_it_is_about(marts: PinnedHome) -> None:
    found = cases(marts)
    [expected] = rows(marts, "SELECT count(*) AS n FROM fct_reconciliation_exceptions")
    assert len({one.exception_id for one in found}) == len(found) == expected["n"]
    proposed = [one for one in found if one.reason_code == "proposed_match"]
    assert proposed
    assert all(one.best and one.best.pairs for one in proposed)
    assert all(one.text for one in found if one.side in ("bank", "ledger") and one.proposals)


def decided(number: int, kind: str, exception: str, *, days: int = 0, **more: Any) -> Decision:
    return Decision(
        kind=kind,  # type: ignore[arg-type]
        reviewer="anne",
        exception_id=exception,
        company_id="acme",
        sequence=number,
        decided_at=BEGAN + timedelta(days=days, hours=1),
        previous_hash="",
        hash=str(number),
        pairs=more.pop("pairs", ()),
        payload=MappingProxyType(more),
    )


@pytest.fixture
def standing() -> Callable[..., dict[str, str]]:
    suggestion = '[{"match_id":"m1","members":[{"object_id":"b1"},{"object_id":"l1"}]}]'
    found = [
        case("bank", suggestion=suggestion, proposals=(proposal("m1", "0.9"),)),
        case(
            "ledger", object_id="l1", side="ledger", suggestion=suggestion, proposals=(proposal("m1", "0.9"),)
        ),
        case("other", object_id="b9"),
    ]

    def told(*decisions: Decision, applied: int = 0) -> dict[str, str]:
        states = board(found, decisions, applied=applied, today=TODAY).states
        return {name: state.standing for name, state in states.items()}

    return told


def test_an_accepted_proposal_settles_the_exceptions_of_both_sides(
    standing: Callable[..., dict[str, str]],
) -> None:
    accepted = decided(1, "accept", "bank", pairs=(("b1", "l1"),))
    assert standing(accepted) == {"bank": "decided", "ledger": "decided", "other": "open"}
    assert standing(accepted, decided(2, "undo", "bank", sequence=1)) == dict.fromkeys(
        ("bank", "ledger", "other"), "open"
    )


def test_a_rejection_of_the_last_candidate_leaves_nothing_to_judge_there(
    standing: Callable[..., dict[str, str]],
) -> None:
    assert standing(decided(1, "reject", "bank", pairs=(("b1", "l1"),)))["bank"] == "decided"


def test_what_an_earlier_run_applied_is_in_the_marts_already(standing: Callable[..., dict[str, str]]) -> None:
    rejected = decided(1, "reject", "bank", pairs=(("b1", "l1"),))
    assert standing(rejected, applied=1)["bank"] == "open"


def test_what_was_imported_since_is_for_the_next_run_however_long_ago_it_was_decided(
    standing: Callable[..., dict[str, str]],
) -> None:
    accepted = decided(1, "accept", "bank", days=-300, pairs=(("b1", "l1"),))
    assert standing(accepted)["bank"] == "decided"


def test_snoozed_until_its_day_comes(standing: Callable[..., dict[str, str]]) -> None:
    assert standing(decided(1, "snooze", "other", until="2026-07-01"))["other"] == "snoozed"
    assert standing(decided(1, "snooze", "other", until="2026-06-30"))["other"] == "open"
    assert (
        standing(decided(1, "snooze", "other", until="2026-07-01"), decided(2, "snooze", "other", until=""))[
            "other"
        ]
        == "open"
    )
