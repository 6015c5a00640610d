"""What a run reads of the store, and that it stops when decisions that an earlier run has applied are gone."""

import json
from datetime import UTC, datetime

import pytest

from decisions.decision import NewDecision
from decisions.store import open_store
from home.layout import Home
from home.settings import Settings
from orchestration.decided import APPLIED, BrokenChainError, Decided, applied_sequence, decided, last_decision

SETTINGS = Settings.model_validate({})


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    made = Home.at(tmp_path_factory.mktemp("decided") / "home")
    made.create()
    return made


def decide(home: Home, *reasons: str) -> None:
    with open_store(home, SETTINGS) as store:
        store.append_all(
            [
                NewDecision(kind="comment", exception_id="E1", reviewer="anne", reason=reason)
                for reason in reasons
            ],
            decided_at=datetime(2026, 3, 12, tzinfo=UTC),
        )


def found_in(home: Home) -> Decided:
    """What a run that begins now would find."""
    newest = last_decision(home, SETTINGS)
    return decided(home, SETTINGS, until=newest.sequence if newest else 0)


def apply(home: Home, run_id: str) -> None:
    """Note what a run has read, as it does."""
    report = home.reports / run_id / APPLIED
    report.parent.mkdir()
    report.write_text(json.dumps(found_in(home).report), encoding="utf-8")


def test_where_nobody_ever_decided_there_is_no_store_and_none_is_made(home: Home) -> None:
    found = found_in(home)
    assert (found.in_force, found.count, found.head) == ((), 0, "")
    assert last_decision(home, SETTINGS) is None
    apply(home, "r1")
    assert found_in(home) == found
    assert not home.decisions.exists()


def test_what_was_applied_and_is_still_there_needs_no_word(home: Home) -> None:
    decide(home, "one", "two")
    apply(home, "r1")
    decide(home, "three")
    found = found_in(home)
    assert [one.reason for one in found.in_force] == ["one", "two", "three"]
    assert found.count == 3


def test_a_store_that_was_lost_or_put_back_from_an_older_copy_stops_the_run_until_somebody_says_otherwise(
    home: Home,
) -> None:
    decide(home, "one", "two")
    apply(home, "r1")
    home.decisions.unlink()
    with pytest.raises(BrokenChainError) as told:
        found_in(home)
    assert str(told.value) == (
        f"{home.decisions}: decision 1 is missing: a refresh has applied 2, and 0 are here; stop the application, "
        f"then restore the store from a copy, or import an export into a new one; "
        f"to go on without them, remove {home.reports}/*/decisions.json."
    )
    decide(home, "one")
    with pytest.raises(
        BrokenChainError, match="decision 2 is missing: a refresh has applied 2, and 1 are here;"
    ):
        found_in(home)
    decide(home, "another")
    with pytest.raises(BrokenChainError, match="decision 2 is another than a refresh has applied;"):
        found_in(home)
    for report in home.reports.glob("*/decisions.json"):
        report.unlink()
    assert [one.reason for one in found_in(home).in_force] == ["one", "another"]


def test_what_a_run_has_applied_is_told_as_long_as_its_report_is_kept(home: Home) -> None:
    apply(home, "r1")
    decide(home, "one", "two")
    apply(home, "r2")
    assert [applied_sequence(home, run) for run in ("r1", "r2", "gone")] == [0, 2, None]


def test_what_is_decided_while_a_run_works_is_for_the_next_one(home: Home) -> None:
    decide(home, "one", "two")
    began = last_decision(home, SETTINGS)
    assert began is not None
    with open_store(home, SETTINGS) as store:
        store.append(NewDecision(kind="undo", reviewer="bruno", payload={"sequence": 1}), expected=None)
    found = decided(home, SETTINGS, until=began.sequence)
    assert [one.reason for one in found.in_force] == ["one", "two"]
    assert found.report == {"sequence": 2, "hash": began.hash}
    assert [one.reason for one in found_in(home).in_force] == ["two"]
