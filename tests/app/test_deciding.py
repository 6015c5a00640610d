"""What buttons ask for is done once, whichever page is drawn next, and what came of it is told."""

import pytest
from streamlit.testing.v1 import AppTest

from app.deciding import ASKED, OUTCOME, Asked, Outcome
from app.roles import Actor, Role
from app.writes import Wish
from decisions.decision import NewDecision
from decisions.store import open_store
from home.layout import Home
from home.settings_file import load


def the_application() -> None:
    """All pages, the first of which is drawn."""
    from app.main import main

    main()


def the_journal() -> None:
    """The page of decisions alone."""
    from app.session import begin
    from app.views import decisions

    decisions.show(begin())


def asking(*asked):  # type: ignore[no-untyped-def]
    """Buttons that are pressed before the page is drawn again."""
    import streamlit as st

    from app.deciding import ASKED, ask

    for one in asked:
        ask(one)
    st.write(len(st.session_state[ASKED]))


@pytest.fixture
def home(copied: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home of one's own that the pages are drawn of, for an administrator."""
    monkeypatch.setenv("ENCOURS_HOME", str(copied.root))
    monkeypatch.setattr("app.session._local_actor", lambda _: Actor("anne", Role.ADMIN))
    return copied


def remark(exception_id: str, text: str = "seen") -> Asked:
    new = NewDecision(kind="comment", reviewer="", exception_id=exception_id, reason=text)
    return Asked((Wish(new, 0),), 0, None)


def test_keys_pressed_before_the_page_is_drawn_are_all_heard_and_the_same_one_once() -> None:
    pressed = (remark("e1"), remark("e2"), remark("e1"))
    page = AppTest.from_function(asking, args=pressed).run()
    assert not page.exception
    assert page.session_state[ASKED] == [remark("e1"), remark("e2")]


def test_all_that_was_asked_for_is_done_though_another_page_is_drawn_next(home: Home) -> None:
    page = AppTest.from_function(the_application, default_timeout=60)
    page.session_state[ASKED] = [remark("e1"), remark("e2")]
    page.run()
    assert not page.exception
    assert page.title[0].value == "Overview"
    page.run()
    with open_store(home, load(home)) as store:
        assert [one.exception_id for one in store.decisions()] == ["e1", "e2"]


def test_a_refusal_is_told_though_something_was_kept_after_it(home: Home) -> None:
    with open_store(home, load(home)) as store:
        store.append(
            NewDecision(kind="comment", reviewer="bruno", exception_id="e1", reason="mine"), expected=0
        )
    page = AppTest.from_function(the_application, default_timeout=60)
    page.session_state[ASKED] = [remark("e1"), remark("e2")]
    page.run()
    outcome: Outcome = page.session_state[OUTCOME]
    assert "bruno" in outcome.refusal
    with open_store(home, load(home)) as store:
        assert [(one.exception_id, one.reviewer) for one in store.decisions()] == [
            ("e1", "bruno"),
            ("e2", "anne"),
        ]


def test_a_chain_that_lacks_what_a_run_has_applied_is_not_called_whole(home: Home) -> None:
    with open_store(home, load(home)) as store:
        store.append(
            NewDecision(kind="comment", reviewer="bruno", exception_id="e1", reason="mine"), expected=0
        )
    page = AppTest.from_function(the_journal, default_timeout=60).run()
    page.button(key="verify").click().run()
    assert page.success
    [report, *_] = sorted(home.reports.glob("*/decisions.json"))
    report.write_text('{"sequence": 2, "hash": "abc"}', encoding="utf-8")
    page.button(key="verify").click().run()
    assert not page.success
    assert page.error
