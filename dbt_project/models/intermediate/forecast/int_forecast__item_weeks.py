"""When each item that is open at the as-of date will be paid: one row per item and week, amounts in cents.

The rules are in ``forecasting``; this model only hands it the tables.
"""

from forecasting.forecast import item_weeks
from forecasting.tables import (
    DISPUTES,
    EXITS,
    ITEMS,
    LEDGER_DAYS,
    OWED,
    PROMISE_SETTLEMENTS,
    PROMISES,
    WORKING_DAYS,
)


def model(dbt, session):
    """One row per open item and week (14: later or never): item_id, week_number, probability in millionths, cents."""
    dbt.config(materialized="table")
    disputes = dbt.ref("int_follow_up__disputes")  # noqa: F841 - DuckDB reads these relations by name
    promises = dbt.ref("int_follow_up__promises")  # noqa: F841
    owed = dbt.ref("int_forecast__owed")  # noqa: F841
    settlements = dbt.ref("int_follow_up__promise_settlements")  # noqa: F841
    ledger_lines = dbt.ref("fct_ledger_lines")  # noqa: F841
    context = dbt.source("run", "context")  # noqa: F841
    owed_now = session.sql(
        "select owed.* from owed inner join context on owed.as_of_date = context.as_of_date"
    )
    told_disputes = session.sql(
        "select item_id, opened_on, closed_on, cast(disputed_amount * 100 as bigint) as disputed_amount from disputes"
    )
    told_promises = session.sql(
        """
        select
            promise_id, item_id, third_party_id, entry_date, is_carried_on, promised_on, promised_date,
            cast(promised_amount * 100 as bigint) as promised_amount, cast(owed_amount * 100 as bigint) as owed_amount
        from promises
        """
    )
    told_settlements = session.sql(
        """
        select
            promise_id, effective_date, is_booked, returned_date,
            cast(paid_amount * 100 as bigint) as paid_amount, cast(released_amount * 100 as bigint) as released_amount
        from settlements
        """
    )
    return item_weeks(
        dbt.ref("int_forecast__items").to_arrow_table().cast(ITEMS),
        dbt.ref("int_forecast__exits").to_arrow_table().cast(EXITS),
        owed_now.to_arrow_table().cast(OWED),
        session.sql("select distinct company_id, entry_date from ledger_lines")
        .to_arrow_table()
        .cast(LEDGER_DAYS),
        dbt.source("run", "working_days").to_arrow_table().cast(WORKING_DAYS),
        told_disputes.to_arrow_table().cast(DISPUTES),
        told_promises.to_arrow_table().cast(PROMISES),
        told_settlements.to_arrow_table().select(PROMISE_SETTLEMENTS.names).cast(PROMISE_SETTLEMENTS),
        own_date=session.sql("select as_of_date from context").fetchone()[0],
    )
