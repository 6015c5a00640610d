"""What the inbox sensor does, and what makes two states of a home the same."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from decisions.decision import NewDecision
from decisions.store import open_store
from dunning.log import Log, Message
from home.layout import Home
from home.lock import one_refresh_at_a_time
from home.settings import Settings
from home.settings_file import load
from home.tables import RunContext
from ingestion.intake import scan
from orchestration.automation import evaluate_inbox
from orchestration.decided import last_decision
from orchestration.fingerprint import fingerprint
from orchestration.publish import publish
from tests.unit.dunning.actions import make_action

Build = Callable[[str], RunContext]


def drop(home: Home, name: str, content: str, *, seconds_ago: float = 60) -> Path:
    path = home.inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    moment = time.time() - seconds_ago
    os.utime(path, (moment, moment))
    return path


def state(home: Home) -> str:
    settings = load(home)
    return fingerprint(home, settings, scan(home), last_decision(home, settings))


def decide(home: Home, *, seconds_ago: float = 0) -> None:
    remark = NewDecision(kind="comment", exception_id="E1", reviewer="anne", reason="Ask the bank")
    with open_store(home, load(home)) as store:
        store.append(remark, expected=None, decided_at=datetime.now(UTC) - timedelta(seconds=seconds_ago))


def remind(home: Home) -> None:
    now = datetime.now(UTC)
    message = Message("<m@acme.example>", make_action(), "c@example.com", "Relance", "", now, now.date())
    with Log(home.dunning_log) as log:
        log.intend(message, now)


def requested(home: Home) -> str:
    answer = evaluate_inbox(home)
    assert isinstance(answer, dg.RunRequest), answer
    assert answer.run_key is not None
    return answer.run_key


def skipped(home: Home) -> str:
    answer = evaluate_inbox(home)
    assert isinstance(answer, dg.SkipReason), answer
    assert answer.skip_message is not None
    return answer.skip_message


def test_a_file_that_has_come_to_rest_asks_for_a_run_once(home: Home) -> None:
    drop(home, "acme/a.txt", "one")
    key = requested(home)
    assert requested(home) == key
    drop(home, "acme/b.txt", "two")
    assert requested(home) != key


def test_a_hidden_or_temporary_file_keeps_nobody_waiting(home: Home) -> None:
    drop(home, "acme/a.txt", "one", seconds_ago=60)
    drop(home, "acme/.a.txt.swp", "half", seconds_ago=5)
    drop(home, "acme/b.txt.part", "half", seconds_ago=5)
    assert isinstance(evaluate_inbox(home), dg.RunRequest)


def test_a_file_still_being_written_is_waited_for(home: Home) -> None:
    drop(home, "acme/a.txt", "one", seconds_ago=60)
    drop(home, "acme/b.txt", "half", seconds_ago=5)
    assert skipped(home) == f"{Path('acme/b.txt')} was written to less than 30 seconds ago."


def test_nothing_new_asks_for_nothing(home: Home, build: Build) -> None:
    drop(home, "acme/a.txt", "one")
    publish(home, build("r1"), inputs=state(home), is_verified=True, descriptions={})
    assert skipped(home) == "Nothing has changed since the marts were published."
    drop(home, "acme/a.txt", "changed")
    assert requested(home).startswith("r1/")


def test_a_decision_asks_for_a_run_once_nobody_has_decided_for_five_minutes(home: Home, build: Build) -> None:
    drop(home, "acme/a.txt", "one")
    publish(home, build("r1"), inputs=state(home), is_verified=True, descriptions={})
    decide(home, seconds_ago=250)
    assert skipped(home) == "anne has decided less than 300 seconds ago."
    decide(home, seconds_ago=350)
    assert requested(home).startswith("r1/")


def test_a_running_refresh_is_left_alone(home: Home) -> None:
    drop(home, "acme/a.txt", "one")
    with one_refresh_at_a_time(home, command="encours refresh"):
        assert skipped(home).startswith(f"A refresh is running: process {os.getpid()} on ")


def test_what_changes_the_marts_changes_the_fingerprint(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {state(home)}

    def is_new() -> bool:
        before = len(seen)
        seen.add(state(home))
        return len(seen) > before

    file = drop(home, "acme/a.txt", "one")
    assert is_new()
    file.write_text("two", encoding="utf-8")
    assert is_new()
    file.rename(home.inbox / "a.txt")
    assert is_new()
    (home.landing / "acceptances").mkdir()
    (home.landing / "acceptances" / "abc.json").write_text("{}", encoding="utf-8")
    assert is_new()
    home.settings_file.write_text("default_payment_terms = '45'\n", encoding="utf-8")
    assert is_new()
    decide(home)
    assert is_new()
    remind(home)
    assert is_new()
    monkeypatch.setattr("orchestration.fingerprint._code_digest", lambda: "another version")
    assert is_new()
    home.settings_file.write_text("# a remark\ndefault_payment_terms = '45'\n", encoding="utf-8")
    assert not is_new()
    mail = "default_payment_terms = '45'\n[dunning.smtp]\nhost = 'mail.acme.example'\nsender = 'a@acme.example'\n"
    home.settings_file.write_text(mail, encoding="utf-8")
    assert not is_new()


def test_settings_that_say_the_default_change_nothing(home: Home) -> None:
    before = state(home)
    home.settings_file.write_text("time_zone = 'Europe/Paris'\n", encoding="utf-8")
    assert load(home) == Settings.model_validate({})
    assert state(home) == before
