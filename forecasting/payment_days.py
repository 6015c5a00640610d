"""Customers who pay in one go on a day of the month: for them, what falls due waits for that day."""

from typing import Final

import numpy as np

from forecasting.days import Bools, Ints, PayingDays

LEAST_DATES: Final = 4
LEAST_SHARE: Final = 0.6
"""A day of the month is a customer's where this share of its dates of payment, four or more, fall on it. Of dates drawn
by chance, 1 in 30 does."""

LAST_DAY: Final = 29
"""Rows 0 to 27 of the calendar are the 1st to the 28th, rolled on to the next paying day; row 28 is the last day of the
month, rolled on likewise, and row 29 the last paying day of it."""


def waited_for(
    customer: Ints, paid_on: Ints, customers: int, days: PayingDays, item_customer: Ints, due: Ints
) -> Ints:
    """The day that each item waits for: its due date, or its customer's first payment day that is not before it.

    ``customer`` and ``paid_on`` tell each payment; ``item_customer`` and ``due`` each item.
    """
    calendar = _payment_days(days)
    chosen = _learned(customer, paid_on, customers, days.first, calendar)[item_customer]
    waits = due.copy()
    for index in np.unique(chosen[chosen >= 0]):
        rows = np.flatnonzero(chosen == index)
        runs = np.flatnonzero(calendar[index]) + days.first
        position = np.searchsorted(runs, due[rows])
        within = position < len(runs)
        waits[rows[within]] = runs[position[within]]
    return waits


def _learned(customer: Ints, paid_on: Ints, customers: int, first: int, calendar: Bools) -> Ints:
    """The row of ``calendar`` that is each customer's payment day, -1 where it has none. Payments on days that the
    calendar does not hold tell nothing."""
    span = np.int64(calendar.shape[1])
    seen = (paid_on >= first) & (paid_on < first + span)
    customer, paid_on = customer[seen], paid_on[seen]
    dates = np.unique(customer * span + (paid_on - first))
    payer, day = dates // span, dates % span
    known = np.bincount(payer, minlength=customers)
    best = np.full(customers, -1, np.int64)
    most = np.maximum(LEAST_SHARE * known, 1)
    for index, is_run in enumerate(calendar):
        hits = np.bincount(payer[is_run[day]], minlength=customers)
        better = (known >= LEAST_DATES) & ((hits > most) | ((best < 0) & (hits == most)))
        best[better] = index
        most[better] = hits[better]
    return best


def _payment_days(days: PayingDays) -> Bools:
    """Per day of the month, the days on which who pays on it pays: one row each, one column per day."""
    count = len(days.is_paying)
    every = np.arange(days.first, days.first + count, dtype=np.int64).astype("datetime64[D]")
    months = np.unique(every.astype("datetime64[M]"))
    starts = months.astype("datetime64[D]").astype(np.int64) - days.first
    ends = (months + 1).astype("datetime64[D]").astype(np.int64) - days.first - 1
    positions = np.arange(count, dtype=np.int64)
    following = np.where(days.is_paying, positions, count)
    following = np.minimum.accumulate(following[::-1])[::-1]
    preceding = np.maximum.accumulate(np.where(days.is_paying, positions, -1))
    calendar = np.zeros((LAST_DAY + 1, count), np.bool_)
    for index in range(LAST_DAY + 1):
        wanted = starts + index if index < LAST_DAY - 1 else ends
        wanted = wanted[(wanted >= 0) & (wanted < count)]
        found = (preceding if index == LAST_DAY else following)[wanted]
        calendar[index, found[(found >= 0) & (found < count)]] = True
    return calendar
