"""The work list in a real browser, and what its forms may record and for whom."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from app.figures.forecast import past_weeks, record
from app.figures.marts import PinnedHome, pinned, rows
from app.figures.worklist import noted_since, place_of, worklist
from app.roles import Actor, Role
from app.views.follow_up import amount_of
from decisions.decision import NewDecision
from decisions.store import open_store
from documents import formats
from home.layout import Home
from home.settings_file import load
from orchestration.errors import NothingPublishedError
from tests.app.conftest import AS_OF, serving
from tests.app.grid_cells import cells, settled


def the_forms(third_party_id: str) -> None:
    """What can be recorded about a customer, and what was."""
    from datetime import date

    from app.deciding import board_of, perform
    from app.session import begin
    from app.views import exceptions, follow_up

    session = begin()
    perform(session)
    exceptions.show_outcome(session, board_of(session))
    follow_up.forms(session, third_party_id, third_party_id.partition("/")[0], as_of=date(2026, 6, 30))
    follow_up.history(session, third_party_id)


@pytest.fixture
def home(copied: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home of one's own that the forms are drawn of, for a reviewer."""
    monkeypatch.setenv("ENCOURS_HOME", str(copied.root))
    monkeypatch.setattr("app.session._local_actor", lambda _: Actor("anne", Role.REVIEWER))
    return copied


def customer(marts: PinnedHome) -> str:
    """One with an open dispute, and documents."""
    [row] = rows(
        marts,
        "SELECT third_party_id FROM fct_disputes JOIN mart_collection_worklist USING (third_party_id) "
        "WHERE status = 'open' ORDER BY ALL LIMIT 1",
    )
    return str(row["third_party_id"])


def press(page: AppTest, label: str) -> AppTest:
    [button] = [one for one in page.button if one.label == label]
    page = button.click().run()
    assert not page.exception
    return page


def test_what_is_said_with_a_customer_is_recorded_and_taken_back(home: Home, marts: PinnedHome) -> None:
    wanted = customer(marts)
    [dispute] = rows(
        marts,
        "SELECT dispute_id FROM fct_disputes WHERE status = 'open' AND third_party_id = $id "
        "ORDER BY opened_on DESC, dispute_id LIMIT 1",
        {"id": wanted},
    )
    page = AppTest.from_function(the_forms, args=(wanted,), default_timeout=60).run()
    assert not page.exception
    page.text_area[0].input("Mme Roy calls back")
    page = press(page, "Note the contact")
    page.text_input[0].input("1.250,50")
    page.date_input[0].set_value(date(2030, 1, 15))
    page = press(page, "Note the promise")
    page.text_input[2].input("80")
    page.text_input[3].input("Two pallets short")
    page = press(page, "Open the dispute")
    document = page.selectbox[1].value
    page = press(page, "Close the dispute")
    with open_store(home, load(home)) as store:
        told = [(one.kind, one.reviewer, one.reason, dict(one.payload)) for one in store.decisions()]
    assert told == [
        ("contact", "anne", "Mme Roy calls back", {"third_party_id": wanted, "channel": "phone"}),
        (
            "promise",
            "anne",
            "",
            {"third_party_id": wanted, "promised_date": "2030-01-15", "amount": "1250.50"},
        ),
        (
            "dispute",
            "anne",
            "Two pallets short",
            {"third_party_id": wanted, "document_ref": document, "amount": "80.00"},
        ),
        ("settle_dispute", "anne", "", {"dispute_id": dispute["dispute_id"]}),
    ]
    assert "closed the dispute" in page.success[0].value.replace("\\", "")
    # Others stand in the history of the customer.
    page.button(key="undo_last").click().run()
    with open_store(home, load(home)) as store:
        assert [one.kind for one in store.in_force()] == ["contact", "promise", "dispute"]


def test_what_is_no_amount_or_says_nothing_is_not_recorded(home: Home, marts: PinnedHome) -> None:
    page = AppTest.from_function(the_forms, args=(customer(marts),), default_timeout=60).run()
    page.text_input[0].input("much")
    page = press(page, "Note the promise")
    assert "is no amount" in page.error[0].value
    page = press(page, "Open the dispute")
    assert any("what is contested" in one.value for one in page.error)
    with open_store(home, load(home)) as store:
        assert not store.decisions()


def test_a_reader_is_offered_nothing(home: Home, marts: PinnedHome, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(home, load(home)) as store:
        said = {"third_party_id": customer(marts), "channel": "phone"}
        store.append(
            NewDecision(
                kind="contact", reviewer="rita", company_id=customer(marts).partition("/")[0], payload=said
            ),
            expected=0,
        )
    monkeypatch.setattr("app.session._local_actor", lambda _: Actor("rita", Role.READER))
    page = AppTest.from_function(the_forms, args=(customer(marts),), default_timeout=60).run()
    assert not page.exception
    assert not page.button
    assert not page.text_input


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1234.50", "1234.50"),
        ("1 234,50 €", "1234.50"),
        ("1\u202f234,5", "1234.5"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1,234", "1234.00"),
        ("1.234.567", "1234567.00"),
        ("80", "80.00"),
    ],
)
def test_amounts_are_read_as_people_write_them(written: str, amount: str) -> None:
    assert amount_of(written) == (Decimal(amount), True)


@pytest.mark.parametrize(
    "written",
    [
        "much",
        "-5",
        "1e3",
        "NaN",
        "0,005",
        "1/2",
        "12 (twelve)",
        "€",
        "10.05.26",
        "12,34,56",
        "1.250,500",
        "1,234,50",
    ],
)
def test_what_is_no_amount_is_told(written: str) -> None:
    assert amount_of(written) == (None, False)


def test_marts_of_before_are_told_in_a_sentence(tmp_path: Path) -> None:
    release = tmp_path / "marts" / ".releases" / "r1"
    release.mkdir(parents=True)
    (tmp_path / "marts" / "current").symlink_to(release)
    with duckdb.connect(release / "encours_marts.duckdb") as connection:
        connection.execute("CREATE SCHEMA marts")
    older = pinned(Home.at(tmp_path))
    assert older is not None
    with pytest.raises(NothingPublishedError, match="older than this page; run encours refresh first"):
        rows(older, "SELECT * FROM mart_collection_worklist")


def test_nothing_written_is_all_of_it() -> None:
    assert amount_of("  ") == (None, True)


def test_a_contact_is_noted_in_the_list_and_taken_back(
    visit: Callable[..., Page], copied: Home, marts: PinnedHome
) -> None:
    due = [row for row in worklist(marts) if place_of(row, {}) == "due"]
    with serving(copied) as address:
        page = visit(f"{address}/worklist", locale="en-GB", title="Work list")
        settled(page)
        assert [row[0] for row in cells(page)][:3] == [row["name"] for row in due[:3]]
        total = sum(row["overdue_amount"] for row in due)
        expect(page.get_by_test_id("stMetricValue").first).to_have_text(formats.amount(total, "EUR", "en"))
        page.get_by_label("Remark").first.fill("Nobody there")
        page.get_by_role("button", name="Note the contact").click()
        settled(page)
        expect(page.get_by_text("noted a contact on")).to_be_visible()
        expect(page.get_by_role("radio", name=f"To do · {len(due) - 1}")).to_be_visible()
        page.get_by_role("radio", name="Noted · 1").click()
        settled(page)
        [[name, *told]] = cells(page)
        assert name == due[0]["name"]
        assert any(re.search("Contact · Nobody there", cell) for cell in told)
        page.get_by_role("button", name="Undo").first.click()
        settled(page)
        expect(page.get_by_role("radio", name="Noted · 0")).to_be_visible()


def test_what_was_noted_counts_until_the_marts_know_it(copied: Home) -> None:
    with open_store(copied, load(copied)) as store:
        for place in ("A", "B"):
            said = {"third_party_id": f"acme/customer/{place}", "channel": "phone"}
            new = NewDecision(kind="contact", reviewer="anne", company_id="acme", payload=said)
            store.append(new, expected=0)
        closed = NewDecision(
            kind="settle_dispute", reviewer="anne", company_id="acme", payload={"dispute_id": "d1"}
        )
        store.append(closed, expected=0)
        noted = noted_since(store.decisions(), applied=1, parties={"d1": "acme/customer/C"})
    assert {party: one.kind for party, one in noted.items()} == {
        "acme/customer/B": "contact",
        "acme/customer/C": "settle_dispute",
    }
    assert place_of({"third_party_id": "acme/customer/B", "is_due": True}, noted) == "noted"
    assert place_of({"third_party_id": "acme/customer/A", "is_due": False}, noted) == "waiting"


def test_each_past_week_is_as_the_last_month_end_before_it_had_forecast_it(marts: PinnedHome) -> None:
    [company] = rows(marts, "SELECT min(company_id) AS id FROM dim_companies")
    judged = rows(
        marts,
        "SELECT * FROM fct_forecast_backtest WHERE company_id = $id AND customer_group = 'all'",
        {"id": company["id"]},
    )
    weeks = past_weeks(marts, company["id"], "all")
    whole = [row for row in judged if row["origin_date"] < row["week_start_date"]]
    assert [row["week_start_date"] for row in weeks] == sorted({row["week_start_date"] for row in whole})
    for row in weeks:
        of_week = [one for one in whole if one["week_start_date"] == row["week_start_date"]]
        newest = max(of_week, key=lambda one: one["origin_date"])
        assert (row["p50"], row["actual"]) == (newest["p50_amount"], newest["actual_amount"])
        assert row["week_end_date"] <= AS_OF
    first = [row for row in judged if row["week_number"] <= 4]
    by_origin = [[one for one in first if one["origin_date"] == row["origin_date"]] for row in first]
    first = [row for row, others in zip(first, by_origin, strict=True) if len(others) == 4]
    found = record(marts, company["id"], "all")
    came = sum(row["actual_amount"] for row in first)
    assert found.error == sum(abs(row["forecast_amount"] - row["actual_amount"]) for row in first) / came
    assert found.weeks == len(first)
    held = [row["p10_amount"] <= row["actual_amount"] <= row["p90_amount"] for row in first]
    assert found.held == Decimal(sum(held)) / len(held)
