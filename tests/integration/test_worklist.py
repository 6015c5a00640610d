"""The work list of a refreshed group, worked out again in plain Python from the marts that it draws on."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from home.layout import Home
from tests.integration.conftest import AS_OF

Row = dict[str, Any]


@pytest.fixture(scope="module")
def rows(refreshed: Home) -> Callable[[str], list[Row]]:
    def read(query: str) -> list[Row]:
        with duckdb.connect(refreshed.published_database, read_only=True) as connection:
            found = connection.execute(query)
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    return read


def _next_action(
    items: list[Row], party: Row, disputes: list[Row], broken: list[Row], reminders: list[Row]
) -> tuple[str, date] | None:
    """What to do for a customer that nobody was in contact with, and from when on."""
    owed = sum(item["open_amount"] for item in items if item["open_amount"] > 0)
    returned = [
        item["entry_date"] for item in items if item["item_type"] == "payment" and item["open_amount"] > 0
    ]
    waiting = [
        item
        for item in items
        if item["status"] == "unapplied"
        and item["item_type"] != "advance"
        and item["projected_open_amount"] < 0
    ]
    follow_up = [row["opened_on"] + timedelta(days=14) for row in disputes]
    if broken:
        return "call_about_promise", min(row["promised_date"] for row in broken) + timedelta(days=1)
    if returned:
        return "call_about_returned_payment", max(returned)
    if reminders:
        return "remind", AS_OF
    if follow_up and min(follow_up) <= AS_OF:
        return "follow_up_dispute", min(follow_up)
    if party["credit_limit"] is not None and owed > party["credit_limit"]:
        return "review_limit", AS_OF
    return ("apply_credit", AS_OF) if waiting and owed else None


def _by_party(found: list[Row]) -> dict[str, list[Row]]:
    of_party = defaultdict(list)
    for row in found:
        of_party[row["third_party_id"]].append(row)
    return of_party


def test_every_customer_with_something_to_do_is_in_it_once(rows: Callable[[str], list[Row]]) -> None:
    items = _by_party(rows("select * from marts.fct_open_items where ledger_side = 'receivable'"))
    parties = {row["third_party_id"]: row for row in rows("select * from marts.dim_third_parties")}
    disputes = _by_party(rows("select * from marts.fct_disputes where status = 'open'"))
    reminders = _by_party(rows("select * from marts.fct_dunning_actions"))
    told = {
        row["object_id"]
        for row in rows(
            "select * from marts.fct_reconciliation_exceptions where reason_code = 'promise_broken'"
        )
    }
    broken = _by_party([row for row in rows("select * from marts.fct_promises") if row["promise_id"] in told])
    expected = {}
    for party_id, of_party in items.items():
        action = _next_action(
            of_party, parties[party_id], disputes[party_id], broken[party_id], reminders[party_id]
        )
        if action:
            expected[party_id] = (
                *action,
                sum(item["open_amount"] for item in of_party),
                sum((item["open_amount"] for item in of_party if item["status"] == "overdue"), Decimal(0)),
                sum(item["disputed_amount"] for item in of_party),
                sum((row["amount"] for row in reminders[party_id]), Decimal(0)),
                sum((row["amount_at_stake"] for row in broken[party_id]), Decimal(0)),
            )
    found = {
        row["third_party_id"]: (
            row["next_action"],
            row["next_action_date"],
            row["outstanding_amount"],
            row["overdue_amount"],
            row["disputed_amount"],
            row["reminder_amount"],
            row["broken_promise_amount"],
        )
        for row in rows("select * from marts.mart_collection_worklist")
    }
    assert found == expected
    assert len({action for action, *_ in found.values()}) >= 2


def test_what_is_expected_and_advised_is_that_of_their_marts(rows: Callable[[str], list[Row]]) -> None:
    expected: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows("select * from marts.fct_collection_forecast"):
        expected[row["third_party_id"]] += row["expected_amount"] if row["week_end_date"] else 0
    exposures = {row["third_party_id"]: row for row in rows("select * from marts.fct_credit_exposure")}
    listed = rows("select * from marts.mart_collection_worklist")
    for row in listed:
        exposure = exposures[row["third_party_id"]]
        assert row["expected_amount"] == expected[row["third_party_id"]]
        assert (row["headroom_amount"], row["advice"]) == (exposure["headroom_amount"], exposure["advice"])
    assert len({row["advice"] for row in listed}) > 1
    assert sum(row["expected_amount"] for row in listed) > 0


def test_customers_stand_in_order_of_their_scores(rows: Callable[[str], list[Row]]) -> None:
    late = defaultdict(list)
    for row in rows(
        "select company_id, third_party_id, sum(open_amount) as amount, max(days_past_due) as days"
        " from marts.fct_open_items where ledger_side = 'receivable' and status = 'overdue' group by all"
    ):
        late[row["company_id"]].append(row)
    for company_id in late:
        of_company = sorted(late[company_id], key=lambda row: (-row["amount"], row["third_party_id"]))
        total, before, scores = sum(row["amount"] for row in of_company), Decimal(0), {}
        for row in of_company:
            share = before / total
            amount = (
                40
                if share < Decimal("0.5")
                else 25
                if share < Decimal("0.8")
                else 10
                if share < Decimal("0.95")
                else 5
            )
            age = 30 if row["days"] > 90 else 20 if row["days"] > 60 else 10 if row["days"] > 30 else 5
            scores[row["third_party_id"]] = (amount, age)
            before += row["amount"]
        listed = rows(
            f"select * from marts.mart_collection_worklist where company_id = '{company_id}' order by priority_rank"
        )
        assert [row["priority_rank"] for row in listed] == list(range(1, len(listed) + 1))
        for row in listed:
            assert (row["amount_score"], row["age_score"]) == scores.get(row["third_party_id"], (0, 0))
            assert row["priority_score"] == row["amount_score"] + row["age_score"] + row["risk_score"]
        order = [(not row["is_due"], -row["priority_score"], -row["overdue_amount"]) for row in listed]
        assert order == sorted(order)
