"""The cash plan worked out again in plain Python from the marts that it ties to."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import sqrt
from typing import Any

import duckdb

from home.calendar import next_working_days
from home.settings import Settings

CENT = Decimal("0.01")
NIL = Decimal("0.00")
DAY = timedelta(days=1)
STEPS = {"monthly": 1, "quarterly": 3, "yearly": 12}


def rows(marts: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = marts.sql(query).to_arrow_table().to_pylist()
    return found


def check_plan(marts: duckdb.DuckDBPyConnection, as_of: date) -> list[dict[str, Any]]:
    """The rows of ``fct_cash_plan``, once each figure was found to be what the other marts say."""
    plan = rows(marts, "FROM marts.fct_cash_plan ORDER BY bank_account_id, week_number")
    monday = as_of + DAY - timedelta(days=(as_of + DAY).weekday())
    dunning = Settings.model_validate({}).dunning
    working = next_working_days(
        as_of - timedelta(days=400),
        as_of + timedelta(days=400),
        dunning.public_holidays,
        dunning.closed_days,
    )

    def week_of(day: date) -> int:
        return min((day - monday).days // 7 + 1, 14)

    paid = payments(marts, as_of, working)
    due: dict[tuple[str, int], Decimal] = defaultdict(lambda: NIL)
    for company, day, amount in paid:
        due[company, week_of(day) if day else 14] += amount
    recurring: dict[tuple[str, int], Decimal] = defaultdict(lambda: NIL)
    for account, day, amount in expected_flows(marts, as_of, working):
        recurring[account, week_of(day)] += amount
    opened = {
        row["bank_account_id"]: row["adjusted_bank_balance"].quantize(CENT)
        for row in rows(marts, "FROM marts.fct_bank_reconciliation_statements")
        if row["as_of_date"] == as_of
    }
    forecast = {
        (row["company_id"], row["week_number"]): row
        for row in rows(marts, "FROM marts.fct_collection_forecast_weeks WHERE customer_group = 'all'")
    }

    by_account: dict[str, list[dict[str, Any]]] = defaultdict(list)
    sums: dict[tuple[str, int], dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: NIL))
    for row in plan:
        by_account[row["bank_account_id"]].append(row)
        for name in (
            "receipts_expected",
            "receipts_p10",
            "receipts_p50",
            "receipts_p90",
            "supplier_payments",
        ):
            sums[row["company_id"], row["week_number"]][name] += row[name]
    for key, mine in sums.items():
        week = forecast.get(key, defaultdict(lambda: NIL))
        assert mine["receipts_expected"] == week["expected_amount"]
        assert [mine[f"receipts_p{share}"] for share in (10, 50, 90)] == [
            week[f"p{share}_amount"] for share in (10, 50, 90)
        ]
        assert mine["supplier_payments"] == -due[key]
    for account, weeks in by_account.items():
        assert [row["week_number"] for row in weeks] == list(range(1, 14))
        balance, low, high = opened[account], NIL, NIL
        for row in weeks:
            number = row["week_number"]
            assert row["week_start_date"] == monday + timedelta(days=7 * (number - 1))
            assert row["week_end_date"] == row["week_start_date"] + timedelta(days=6)
            assert row["recurring_flows"] == recurring[account, number]
            assert row["opening_balance"] == balance
            balance += row["receipts_expected"] + row["supplier_payments"] + row["recurring_flows"]
            low += (row["receipts_expected"] - row["receipts_p10"]) ** 2
            high += (row["receipts_p90"] - row["receipts_expected"]) ** 2
            assert row["closing_balance"] == balance
            assert row["closing_p10"] == balance - Decimal(sqrt(low)).quantize(CENT, ROUND_HALF_UP)
            assert row["closing_p90"] == balance + Decimal(sqrt(high)).quantize(CENT, ROUND_HALF_UP)
            assert row["is_below_threshold"] == (balance < row["minimum_balance"])
    for company in {row["company_id"] for row in plan}:
        beyond = [row for row in plan if row["company_id"] == company and row["week_number"] == 13]
        assert sum(row["supplier_payments_beyond"] for row in beyond) == -due[company, 14]
    return plan


def payments(
    marts: duckdb.DuckDBPyConnection, as_of: date, working: dict[date, date]
) -> Iterator[tuple[str, date | None, Decimal]]:
    """What suppliers are owed, and the day on which it is paid; None where nothing tells it."""
    late = {
        row["third_party_id"]: int(row["weighted_days_late"].quantize(Decimal(1), ROUND_HALF_UP))
        for row in rows(marts, "FROM marts.fct_payment_behaviour WHERE ledger_side = 'payable'")
        if row["as_of_date"] == as_of and row["payment_count"] >= 3 and row["weighted_days_late"] is not None
    }
    items = rows(marts, "FROM marts.fct_open_items WHERE ledger_side = 'payable'")
    credit: dict[str, Decimal] = defaultdict(lambda: NIL)
    parts = []
    for item in items:
        amount = item["projected_open_amount"]
        if amount <= 0:
            credit[item["third_party_id"]] -= amount
            continue
        disputed = min(item["disputed_amount"], amount)
        known = item["status"] != "undated"
        day = item["due_date"] + timedelta(days=late.get(item["third_party_id"], 0)) if known else None
        parts.append((False, item, day and working.get(max(day, as_of + DAY)), amount - disputed))
        parts.append((True, item, None, disputed))
    for _, item, day, amount in sorted(
        parts, key=lambda part: (part[0], part[1]["due_date"] or date.max, part[1]["item_id"])
    ):
        taken = min(amount, credit[item["third_party_id"]])
        credit[item["third_party_id"]] -= taken
        yield item["company_id"], day, amount - taken


def expected_flows(
    marts: duckdb.DuckDBPyConnection, as_of: date, working: dict[date, date]
) -> Iterator[tuple[str, date, Decimal]]:
    """Each day on which a flow is expected that the books do not hold, and how much then."""
    booked = booked_lines(marts, as_of)
    for flow in rows(marts, "FROM marts.fct_recurring_flows WHERE is_expected"):
        assert flow["rhythm"] in STEPS, "the samples have no weekly flows"
        last = flow["last_occurrence_date"]
        for ahead in range(1, 18):
            month = last.year * 12 + last.month - 1 + ahead * STEPS[flow["rhythm"]]
            year, number = month // 12, month % 12 + 1
            day = flow["usual_day"]
            meant = date(year, number, day if day > 0 else monthrange(year, number)[1] + 1 + day)
            due = working.get(meant)
            if due and due >= max(flow["next_expected_date"], as_of - timedelta(days=2)):
                if stands_for := [line for line in booked if is_booked_for(line, flow, due)]:
                    booked.remove(stands_for[0])
                    continue
                yield flow["bank_account_id"], max(due, as_of + DAY), flow["typical_amount"]


def booked_lines(marts: duckdb.DuckDBPyConnection, as_of: date) -> list[dict[str, Any]]:
    """What the books hold and the bank has not shown, but for entries of customers and suppliers."""
    trade = {
        (row["company_id"], row["entry_number"])
        for row in rows(marts, "SELECT company_id, entry_number FROM marts.fct_items")
    }
    return [
        row
        for row in rows(
            marts,
            "FROM marts.fct_bank_reconciliation_statement_items WHERE category = 'ledger_not_at_bank' "
            "ORDER BY object_id",
        )
        if row["as_of_date"] == as_of and (row["company_id"], row["entry_number"]) not in trade
    ]


def is_booked_for(line: dict[str, Any], flow: dict[str, Any], due: date) -> bool:
    typical = flow["typical_amount"]
    return (
        line["bank_account_id"] == flow["bank_account_id"]
        and (line["amount"] > 0) == (typical > 0)
        and abs(line["object_date"] - due) <= timedelta(days=5)
        and abs(line["amount"] - typical) <= max(3 * flow["spread_amount"], abs(typical) / 10)
    )
