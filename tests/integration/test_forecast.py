"""The collection forecast of the sample, worked out again by another route, item by item."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import duckdb
import pytest

from home.layout import Home

AS_OF = date(2026, 6, 30)
NOTHING = Decimal("0.00")


@pytest.fixture(scope="module")
def marts(refreshed: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(refreshed.published_database, read_only=True) as connection:
        yield connection


def week_of(origin: date, day: date) -> int:
    monday = origin + timedelta(days=1)
    monday -= timedelta(days=monday.weekday())
    return (day - monday).days // 7 + 1


def test_an_items_weeks_add_up_to_what_is_still_to_come(marts: duckdb.DuckDBPyConnection) -> None:
    """Of every receivable that is open and not matched, and of nothing else."""
    expected = marts.sql(
        """
        select item_id, projected_open_amount, 14, 1 from marts.fct_open_items
        where ledger_side = 'receivable' and status in ('overdue', 'not_due') and projected_open_amount > 0
        """
    ).fetchall()
    found = marts.sql(
        """
        select item_id, sum(expected_amount), count(*), sum(probability) from marts.fct_collection_forecast
        where as_of_date = date '2026-06-30' group by item_id
        """
    ).fetchall()
    assert len(expected) > 20
    assert sorted(found) == sorted(expected)


def test_weeks_are_the_sums_of_their_items(marts: duckdb.DuckDBPyConnection) -> None:
    sums: dict[tuple[str, str, int], Decimal] = defaultdict(lambda: NOTHING)
    for company, group, week, amount in marts.sql(
        "select company_id, customer_group, week_number, expected_amount from marts.fct_collection_forecast"
    ).fetchall():
        sums[company, group, week] += amount
        sums[company, "all", week] += amount
    rows = marts.sql("from marts.fct_collection_forecast_weeks").to_arrow_table().to_pylist()
    found = {(row["company_id"], row["customer_group"], row["week_number"]): row for row in rows}
    assert {key: row["expected_amount"] for key, row in found.items()} == sums
    for row in rows:
        if row["week_number"] < 14:
            assert NOTHING <= row["p10_amount"] <= row["p50_amount"] <= row["p90_amount"]
            assert row["week_end_date"] - row["week_start_date"] == timedelta(days=6)


def test_what_came_is_what_was_paid_of_the_items_open_then(marts: duckdb.DuckDBPyConnection) -> None:
    """At every month-end: payments, booked or matched, of the items open at it; and the due dates as a forecast."""
    owed: dict[date, dict[str, Decimal]] = defaultdict(dict)
    for origin, item, amount in marts.sql(
        """
        select as_of_date, item_id, open_amount from marts.fct_open_items_history
        where as_of_date < date '2026-06-30' and open_amount > 0 and ageing_bucket_code not in ('unapplied', 'undated')
        """
    ).fetchall():
        owed[origin][item] = amount
    items = {
        item: (company, due)
        for item, company, due in marts.sql(
            "select item_id, company_id, due_date from marts.fct_items where ledger_side = 'receivable'"
        ).fetchall()
    }
    payments = marts.sql(
        """
        select debit_item_id, effective_date, amount from marts.fct_settlements
        where settlement_kind = 'payment' and status in ('booked', 'matched')
        """
    ).fetchall()
    came: dict[tuple[date, str, int], Decimal] = defaultdict(lambda: NOTHING)
    due_dates: dict[tuple[date, str, int], Decimal] = defaultdict(lambda: NOTHING)
    for origin, open_then in owed.items():
        for item, day, amount in payments:
            if item in open_then and item in items and day > origin:
                came[origin, items[item][0], week_of(origin, day)] += amount
        for item, amount in open_then.items():
            if item in items and items[item][1] > origin:
                due_dates[origin, items[item][0], week_of(origin, items[item][1])] += amount
    rows = marts.sql(
        """
        select origin_date, company_id, week_number, actual_amount, baseline_due_date_amount, week_end_date
        from marts.fct_forecast_backtest where customer_group = 'all'
        """
    ).fetchall()
    assert len({row[0] for row in rows}) > 12
    assert all(row[5] <= AS_OF for row in rows)
    assert {row[:3]: row[4] for row in rows} == {row[:3]: due_dates[row[:3]] for row in rows}
    differing = [(row, came[row[:3]]) for row in rows if row[3] != came[row[:3]]]
    assert differing == []
