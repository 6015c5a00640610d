"""The cash plan of the sample, worked out again by another route."""

from datetime import date

import duckdb

from home.layout import Home
from tests.integration.recomputed_plan import check_plan

AS_OF = date(2026, 6, 30)


def test_plan_is_what_bank_forecast_and_payables_say(refreshed: Home) -> None:
    """The gap in its statements, what the books hold before the bank, and several accounts included."""
    with duckdb.connect(refreshed.published_database, read_only=True) as marts:
        plan = check_plan(marts, AS_OF)
        failed = marts.sql(
            "FROM marts.fct_control_totals WHERE control_name LIKE 'cash_plan_%' AND NOT passed"
        ).fetchall()
    assert len({row["bank_account_id"] for row in plan}) >= 2
    assert sum(row["supplier_payments"] for row in plan) < 0 < sum(row["receipts_expected"] for row in plan)
    assert any(row["books_only_amount"] for row in plan)
    assert failed == []
