"""Reminders on the books of a small group: each state by another route, and what was sent is not sent again."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from dunning.action import Item
from dunning.log import Log, Message
from home.calendar import next_working_days
from home.layout import Home
from home.settings_dunning import LEVELS
from orchestration.refresh import refresh
from orchestration.run import Outcome
from tests.integration.conftest import AS_OF
from tests.unit.dunning.actions import make_action

Row = dict[str, Any]


def rows(home: Home, query: str) -> list[Row]:
    with duckdb.connect(home.published_database.resolve(), read_only=True) as connection:
        connection.execute("USE marts")
        found = connection.execute(query)
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.fixture(scope="module")
def dunned(refreshed: Home) -> list[Row]:
    return rows(refreshed, "FROM fct_dunning_items ORDER BY item_id")


@pytest.fixture(scope="module")
def overdue(refreshed: Home) -> list[Row]:
    return rows(
        refreshed,
        "FROM fct_open_items WHERE ledger_side = 'receivable' AND status = 'overdue' ORDER BY item_id",
    )


def test_every_overdue_item_is_in_one_state(dunned: list[Row], overdue: list[Row]) -> None:
    assert [row["item_id"] for row in dunned] == [row["item_id"] for row in overdue]
    assert sum(row["open_amount"] for row in dunned) == sum(row["open_amount"] for row in overdue)
    # One state would prove nothing.
    assert len({row["state"] for row in dunned}) > 1


def test_states_are_those_of_plain_python(refreshed: Home, dunned: list[Row], overdue: list[Row]) -> None:
    reminded = {row["item_id"]: (row["last_level"], row["last_sent_on"]) for row in dunned}
    worked = next_working_days(AS_OF, AS_OF + timedelta(500), "FR")
    wanted = {
        row["item_id"]: _hold(row, is_received, *reminded[row["item_id"]])
        for row, is_received in _with_receipts(refreshed, overdue)
    }
    asked: dict[str, Decimal] = defaultdict(Decimal)
    for row in overdue:
        if wanted[row["item_id"]] is None:
            asked[row["third_party_id"]] += row["projected_open_amount"] - row["disputed_amount"]
    credits = {
        row["third_party_id"]: row["credit"]
        for row in rows(
            refreshed,
            "SELECT third_party_id, -sum(projected_open_amount) AS credit FROM fct_open_items "
            "WHERE ledger_side = 'receivable' AND status = 'unapplied' AND projected_open_amount < 0 "
            "AND account_code NOT LIKE '419%' GROUP BY ALL",
        )
    }
    for row in overdue:
        if wanted[row["item_id"]] is None:
            is_covered = credits.get(row["third_party_id"], 0) >= asked[row["third_party_id"]]
            held = "covered_by_credit" if is_covered else _timing(row, worked, *reminded[row["item_id"]])
            wanted[row["item_id"]] = held
    assert {row["item_id"]: row["reason"] for row in dunned} == wanted


def _timing(row: Row, worked: dict[date, date], last_level: int | None, last_sent_on: date | None) -> str:
    level = next(one for one in LEVELS if one.level > (last_level or 0))
    level_day = row["due_date"] + timedelta(level.days_past_due)
    patience_day = level_day
    if last_sent_on:
        sent = next((one for one in LEVELS if one.level == last_level), level)
        patience_day = last_sent_on + timedelta(sent.wait_days)
    ready_day = max(level_day, patience_day)
    if worked[max(ready_day, AS_OF)] == AS_OF:
        return "due_today"
    if ready_day <= AS_OF:
        return "not_a_working_day"
    return "reminded_recently" if patience_day > level_day else "level_not_reached"


def _with_receipts(home: Home, overdue: list[Row]) -> list[tuple[Row, bool]]:
    found = rows(
        home,
        "SELECT DISTINCT debit_item_id FROM fct_settlements WHERE status = 'matched' "
        f"AND bank_transaction_id IS NOT NULL AND effective_date <= DATE '{AS_OF}'",
    )
    received = {row["debit_item_id"] for row in found}
    return [(row, row["item_id"] in received) for row in overdue]


def _hold(row: Row, is_received: bool, last_level: int | None, _: date | None) -> str | None:
    if row["is_doubtful"]:
        return "doubtful"
    if row["projected_open_amount"] <= 0:
        return "receipt_not_booked" if is_received else "payment_not_lettered"
    if row["projected_open_amount"] <= row["disputed_amount"]:
        return "disputed"
    if row["is_promised"]:
        return "promised"
    return "last_level_sent" if last_level == LEVELS[-1].level else None


def test_actions_are_their_items(refreshed: Home, dunned: list[Row]) -> None:
    parts = defaultdict(list)
    for row in dunned:
        if row["state"] == "to_do":
            parts[row["action_id"]].append(row)
    actions = {row["action_id"]: row for row in rows(refreshed, "FROM fct_dunning_actions")}
    assert parts
    assert set(actions) == set(parts)
    for action_id, members in parts.items():
        action = actions[action_id]
        assert {row["third_party_id"] for row in members} == {action["third_party_id"]}
        assert action["amount"] == sum(row["dunning_amount"] for row in members)
        assert action["item_count"] == len(members)
        assert action["oldest_days_past_due"] == max(row["days_past_due"] for row in members)
        assert action["level"] == max(row["level"] for row in members)
    messages = Counter(
        (row["third_party_id"], row["channel"], row["tone"] == "formal") for row in actions.values()
    )
    assert max(messages.values()) == 1


def test_what_was_sent_waits_and_what_failed_is_asked_again(copy: Callable[[str], Home]) -> None:
    home = copy("sent")
    sent, unknown, failed = rows(home, "FROM fct_dunning_actions ORDER BY action_id")[:3]
    before = rows(home, "FROM fct_dunning_items WHERE state = 'to_do'")
    with Log(home.dunning_log) as log:
        for action, result in ((sent, "sent"), (unknown, None), (failed, "failed")):
            _log(log, home, action)
            if result:
                log.tell(f"<{action['action_id']}@acme.example>", result, by="server")
    done = refresh(home, as_of=AS_OF, known_at=AS_OF)
    assert done.outcome is Outcome.PUBLISHED
    actions = {row["action_id"] for row in rows(home, "FROM fct_dunning_actions")}
    assert actions & {action["action_id"] for action in (sent, unknown, failed)} == {failed["action_id"]}
    after = {row["item_id"]: row for row in rows(home, "FROM fct_dunning_items")}
    told = [row for row in before if row["action_id"] in (sent["action_id"], unknown["action_id"])]
    assert len(told) == sent["item_count"] + unknown["item_count"]
    for row in told:
        now = after[row["item_id"]]
        assert (now["last_level"], now["last_sent_on"]) == (row["level"], AS_OF)
        assert now["reason"] in ("reminded_recently", "level_not_reached", "last_level_sent")
        assert now["waiting_until_date"] is None or now["waiting_until_date"] > AS_OF


def _log(log: Log, home: Home, action: Row) -> None:
    items = [
        Item(row["item_id"], row["document_ref"] or "", None, None, 0, row["dunning_amount"], row["level"])
        for row in rows(home, f"FROM fct_dunning_items WHERE action_id = '{action['action_id']}'")
    ]
    made = replace(
        make_action(),
        action_id=action["action_id"],
        company_id=action["company_id"],
        third_party_id=action["third_party_id"],
        channel=action["channel"],
        items=items,
    )
    now = datetime.now(UTC)
    name = f"<{action['action_id']}@acme.example>"
    log.intend(Message(name, made, "c@example.com", "Relance", "", now, AS_OF), now - timedelta(hours=1))
