"""The work of a reviewer in a real browser: from the queue to the next refresh's marts."""

import re
import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Page, expect

from app.figures.cases import Case, cases, ordered
from app.figures.marts import pinned, rows
from decisions.store import open_store
from home.layout import Home
from home.settings_file import load
from orchestration.publish import DATABASE_NAME
from orchestration.refresh import refresh
from orchestration.run import Outcome
from tests.app.conftest import AS_OF, serving
from tests.app.grid_cells import cells, settled, tick

THOUSAND = 1_000


@pytest.fixture(scope="module")
def served(published: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, str]]:
    """A home to decide in, and where its application answers."""
    home = Home.at(tmp_path_factory.mktemp("reviewed") / "home")
    shutil.copytree(published.root, home.root, symlinks=True)
    with serving(home) as address:
        yield home, address


def queue(visit: Callable[..., Page], address: str, search: str = "") -> Page:
    page = visit(f"{address}/exceptions", title="Anomalies")
    # Keys are heard from when their buttons are there.
    page.get_by_role("button", name="Suiv.").wait_for()
    settled(page)
    if search:
        page.get_by_placeholder("Rechercher").fill(search)
        page.get_by_placeholder("Rechercher").press("Enter")
        settled(page)
        page.get_by_role("heading", name="Anomalies", level=1).click()
    return page


def press(page: Page, key: str) -> None:
    page.keyboard.press(key)
    settled(page)


def counted(page: Page) -> dict[str, int]:
    """How many cases stand where, as the page says."""
    told = [one.split(" · ") for one in page.get_by_role("radio", name=re.compile(" · ")).all_inner_texts()]
    return {name: int(count.replace("\u202f", "")) for name, count in told}


def expect_counts(page: Page, expected: dict[str, int]) -> None:
    """The page comes to say so many."""
    for name, count in expected.items():
        expect(page.get_by_role("radio", name=re.compile(rf"^{name} · {count}$"))).to_be_visible()


def proposed(home: Home) -> Case:
    """A bank line with one proposal, about which no test has decided anything yet, nor about a side of it."""
    marts = pinned(home)
    assert marts is not None
    with open_store(home, load(home)) as store:
        made = store.decisions()
    seen = {one.exception_id for one in made}
    sides = {side for one in made for pair in one.pairs for side in pair}
    for one in ordered(cases(marts), "risk"):
        if (
            one.reason_code == "proposed_match"
            and one.side == "bank"
            and one.best is not None
            and one.exception_id not in seen
            and sides.isdisjoint(side for pair in one.best.pairs for side in pair)
        ):
            return one
    pytest.fail("every proposal is decided: the samples of these tests hold too few")


def test_accepted_from_the_queue_and_matched_by_the_next_refresh(
    visit: Callable[..., Page], served: tuple[Home, str]
) -> None:
    home, address = served
    case = proposed(home)
    page = queue(visit, address, search=case.exception_id)
    before = counted(page)
    expect(page.get_by_text("À la banque").first).to_be_visible()
    expect(page.get_by_text("Dans les livres").first).to_be_visible()

    press(page, "a")

    expect(page.get_by_text("a accepté la proposition")).to_be_visible()
    # The line of the books that the proposal names had an exception of its own.
    expect_counts(page, {"À décider": before["À décider"] - 2, "Décidées": before["Décidées"] + 2})
    assert refresh(home, as_of=AS_OF, known_at=AS_OF).outcome is Outcome.PUBLISHED
    now = pinned(home)
    assert now is not None
    [matched] = rows(
        now,
        "SELECT match_status, match_rule FROM fct_bank_matches JOIN fct_bank_match_members USING (match_id) "
        "WHERE object_id = $line AND match_status = 'matched'",
        {"line": case.object_id},
    )
    assert matched["match_rule"] == "decision"
    assert not rows(
        now,
        "FROM fct_reconciliation_exceptions WHERE exception_id = $id",
        {"id": case.exception_id},
    )
    page.reload()
    expect_counts(page, {"Décidées": before["Décidées"]})


def test_taken_back_with_a_key(visit: Callable[..., Page], served: tuple[Home, str]) -> None:
    home, address = served
    page = queue(visit, address, search=proposed(home).exception_id)
    before = counted(page)
    press(page, "a")
    expect_counts(page, {"À décider": before["À décider"] - 2})
    press(page, "u")
    expect(page.get_by_text("est revenu sur la décision").first).to_be_visible()
    expect_counts(page, before)


def test_rejected_stays_with_what_else_it_may_be(
    visit: Callable[..., Page], served: tuple[Home, str]
) -> None:
    home, address = served
    case = proposed(home)
    page = queue(visit, address, search=case.exception_id)
    press(page, "x")
    expect(page.get_by_text("a rejeté la proposition").first).to_be_visible()
    with open_store(home, load(home)) as store:
        [made] = [one for one in store.in_force() if one.exception_id == case.exception_id]
    assert made.kind == "reject"
    assert case.best is not None
    assert made.pairs == case.best.pairs


def test_matched_by_hand_with_the_residual_named(
    visit: Callable[..., Page], served: tuple[Home, str]
) -> None:
    home, address = served
    case = proposed(home)
    assert case.amount is not None
    page = queue(visit, address, search=case.exception_id)
    press(page, "m")
    hand = page.locator(".st-key-hand_match")
    settled(page)
    page.get_by_test_id("data-grid-canvas").nth(1).wait_for()
    first, second = cells(page, 1)[:2]
    tick(page, 0, grid=1)
    tick(page, 1, grid=1)
    expect(hand.get_by_text("Lignes de l'autre côté (2)")).to_be_visible()
    remains = hand.locator(".e-sum .last").last.inner_text()
    button = page.get_by_role("button", name="Rapprocher ces lignes")
    expect(button).to_be_disabled()
    hand.get_by_role("radio", name="frais bancaires").click()
    expect(button).to_be_enabled()
    button.click()
    expect(page.get_by_text("a rapproché à la main").first).to_be_visible()
    with open_store(home, load(home)) as store:
        made = store.decisions()[-1]
    assert made.kind == "match"
    assert len(made.pairs) == 2
    assert {own for own, _ in made.pairs} == {case.object_id}
    assert made.reason == f"Reste {remains} : frais bancaires."
    assert first != second


def test_equal_cases_are_one_judgement(visit: Callable[..., Page], served: tuple[Home, str]) -> None:
    home, address = served
    page = queue(visit, address)
    page.get_by_role("button", name=re.compile("Filtres")).click()
    page.get_by_role("button", name="Faible").click()
    page.keyboard.press("Escape")
    settled(page)
    for _ in range(60):
        if page.get_by_role("button", name=re.compile(r"\d+ cas semblables")).count():
            break
        press(page, "j")
    press(page, "e")
    title = page.get_by_role("heading", name=re.compile(r"^\d+ anomalies$"), level=3).inner_text()
    count = int(title.split()[0])
    assert count > 1
    press(page, "t")
    expect(page.get_by_text(f"{count} décisions sont gardées.")).to_be_visible()
    with open_store(home, load(home)) as store:
        made = store.decisions()[-count:]
    assert {one.kind for one in made} == {"assign"}
    assert len({one.exception_id for one in made}) == count


def test_snoozed_and_woken(visit: Callable[..., Page], served: tuple[Home, str]) -> None:
    _, address = served
    page = queue(visit, address)
    before = counted(page)
    press(page, "s")
    expect_counts(page, {"En veille": before["En veille"] + 1})
    page.get_by_role("radio", name=re.compile("^En veille")).click()
    page.get_by_role("button", name="Réveiller").wait_for()
    press(page, "s")
    expect_counts(page, before)


def test_the_second_of_two_reviewers_is_told_who_decided_what(
    visit: Callable[..., Page], served: tuple[Home, str]
) -> None:
    home, address = served
    case = proposed(home)
    first, second = (queue(visit, address, search=case.exception_id) for _ in range(2))
    press(first, "x")
    expect(first.get_by_text("a rejeté la proposition").first).to_be_visible()
    press(second, "a")
    expect(second.get_by_text("Quelqu'un a été plus rapide")).to_contain_text("a rejeté la proposition")
    with open_store(home, load(home)) as store:
        assert [one.kind for one in store.decisions(case.exception_id)] == ["reject"]


def test_a_thousand_exceptions_are_scrolled(visit: Callable[..., Page], copied: Home) -> None:
    found = pinned(copied)
    assert found is not None
    with duckdb.connect(found.release / DATABASE_NAME) as connection:
        connection.execute(
            f"""
            INSERT INTO marts.fct_reconciliation_exceptions
            SELECT exceptions.* REPLACE (
                md5(exception_id || copies.number) AS exception_id, amount + copies.number AS amount
            )
            FROM marts.fct_reconciliation_exceptions AS exceptions CROSS JOIN range(1, {THOUSAND}) AS copies(number)
            WHERE side IN ('bank', 'ledger') ORDER BY exception_id LIMIT {THOUSAND}
            """
        )
    everything = [one for one in ordered(cases(found), "amount") if one.amount is not None]
    assert len(everything) > THOUSAND
    with serving(copied) as address:
        page = queue(visit, address)
        page.get_by_role("radio", name="Montant").click()
        settled(page)
        assert _amount(cells(page)[0]) == everything[0].amount
        canvas = page.get_by_test_id("data-grid-canvas").first
        box = canvas.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 200, box["y"] + 200)
        seen: set[Decimal | None] = set()
        for _ in everything:
            found_here = cells(page)
            seen |= {_amount(row) for row in found_here}
            page.mouse.wheel(0, 560)
            if not _comes_to_differ(page, found_here):
                break
        assert {one.amount for one in everything} <= seen
        expect(page.get_by_test_id("stException")).to_have_count(0)


def _comes_to_differ(page: Page, before: list[list[str]]) -> bool:
    """Whether other rows come in sight; those who cannot see are told of them when the scrolling rests."""
    for _ in range(20):
        page.wait_for_timeout(100)
        if cells(page) != before:
            return True
    return False


def _amount(row: list[str]) -> Decimal | None:
    """What the second column says to those who cannot see it: the number itself."""
    return Decimal(row[1]) if row[1] else None


def test_the_application_log_has_no_traceback(served: tuple[Home, str]) -> None:
    home, _ = served
    assert "Traceback" not in Path(home.root / "app.log").read_text(encoding="utf-8")
