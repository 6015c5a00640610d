"""The columns of the tables that the forecast takes and gives. Amounts are whole cents of the base currency."""

from typing import Final

import pyarrow as pa

ITEMS: Final = pa.schema(
    [
        ("item_id", pa.string()),
        ("company_id", pa.string()),
        ("third_party_id", pa.string()),
        ("customer_group", pa.string()),
        ("entry_date", pa.date32()),
        ("due_date", pa.date32()),
        ("original_amount", pa.int64()),
        ("is_doubtful", pa.bool_()),
    ]
)
"""What customers were ever asked to pay, with a due date. One row per item; ``original_amount`` is above zero."""

EXITS: Final = pa.schema(
    [
        ("item_id", pa.string()),
        ("exit_date", pa.date32()),
        ("amount", pa.int64()),
        ("is_payment", pa.bool_()),
        ("is_booked", pa.bool_()),
        ("returned_date", pa.date32()),
    ]
)
"""What took an item, or a part of it, out of what is open: a payment, or anything else (a credit note, a transfer).

``is_booked`` is false for what was matched at the run's own date. ``returned_date``: from that day on it is no payment.
"""

OWED: Final = pa.schema([("as_of_date", pa.date32()), ("item_id", pa.string()), ("open_amount", pa.int64())])
"""What was open, above zero, of each item at each date for which a forecast is made."""

WORKING_DAYS: Final = pa.schema([("day", pa.date32()), ("next_working_day", pa.date32())])
"""The calendar: each day, and the first working day that is not before it."""

LEDGER_DAYS: Final = pa.schema([("company_id", pa.string()), ("entry_date", pa.date32())])
"""The days on which each company's books have an entry: what came after the last of them is not known yet."""

DISPUTES: Final = pa.schema(
    [
        ("item_id", pa.string()),
        ("opened_on", pa.date32()),
        ("closed_on", pa.date32()),
        ("disputed_amount", pa.int64()),
    ]
)
"""Disputes by item; ``closed_on`` is null while one lasts."""

PROMISES: Final = pa.schema(
    [
        ("promise_id", pa.string()),
        ("item_id", pa.string()),
        ("third_party_id", pa.string()),
        ("entry_date", pa.date32()),
        ("is_carried_on", pa.bool_()),
        ("promised_on", pa.date32()),
        ("promised_date", pa.date32()),
        ("promised_amount", pa.int64()),
        ("owed_amount", pa.int64()),
    ]
)
"""Promises to pay by item, with the item's entry and what was open of it when the promise was made. An item that
carries another one on (``is_carried_on``) is not promised besides it."""

PROMISE_SETTLEMENTS: Final = pa.schema(
    [
        ("promise_id", pa.string()),
        ("effective_date", pa.date32()),
        ("paid_amount", pa.int64()),
        ("released_amount", pa.int64()),
        ("is_booked", pa.bool_()),
        ("returned_date", pa.date32()),
    ]
)
"""What was paid of what was promised, after the day of the promise, and what need no longer be paid of it."""

ITEM_WEEKS: Final = pa.schema(
    [
        ("item_id", pa.string()),
        ("week_number", pa.int32()),
        ("probability", pa.int64()),
        ("expected_amount", pa.int64()),
    ]
)
"""One row per open item and week, 14 = later or never. ``probability`` is in millionths; an item's add up to 1,000,000,
and its expected amounts to what is open of it."""

WEEKS: Final = pa.schema(
    [
        ("as_of_date", pa.date32()),
        ("company_id", pa.string()),
        ("customer_group", pa.string()),
        ("week_number", pa.int32()),
        ("week_start_date", pa.date32()),
        ("week_end_date", pa.date32()),
        ("expected_amount", pa.int64()),
        ("p10_amount", pa.int64()),
        ("p50_amount", pa.int64()),
        ("p90_amount", pa.int64()),
        ("actual_amount", pa.int64()),
        ("due_date_amount", pa.int64()),
        ("average_lateness_amount", pa.int64()),
    ]
)
"""One row per date, company, customer group (``all``: the whole company) and week. Week 14 has no last day, no band and
no baseline. ``actual_amount`` is null for a week that the books do not cover to its end."""
