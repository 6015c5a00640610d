"""Days as numbers, the weeks ahead, and the days on which money comes in."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

WEEKS_AHEAD: Final = 13
NEVER: Final = np.int64(2**40)
"""The day of what has no date."""

KNOWN_AFTER: Final = 50
"""So many payments tell on which days money comes in; before that any day may bring some."""

RARE: Final = 0.02
"""A weekday that brings less than this share of payments brings none."""

QUIET: Final = 0.3
"""Holidays bring none where they bring less than this part of what other days do."""

_MONDAY: Final = 4
"""Day 4 was the first Monday: days are counted from Thursday 1 January 1970."""


def day_numbers(column: pa.ChunkedArray) -> Ints:
    """A column of dates as days since 1970; null is ``NEVER``."""
    numbers = column.cast(pa.int32()).cast(pa.int64()).fill_null(int(NEVER))
    days: Ints = numbers.to_numpy(zero_copy_only=False)
    return days


def is_weekend(days: Ints) -> Bools:
    """Which days are Saturdays and Sundays."""
    weekend: Bools = (days - _MONDAY) % 7 >= 5
    return weekend


def week_starts(origin: int) -> Ints:
    """The Mondays of the weeks ahead of a day, and of the week after them. The first week holds the next day."""
    first = origin + 1 - (origin + 1 - _MONDAY) % 7
    return np.int64(first) + 7 * np.arange(WEEKS_AHEAD + 1, dtype=np.int64)


@dataclass(frozen=True)
class PayingDays:
    """The days that may bring money, from ``first`` on. Time runs on these days only."""

    first: int
    is_paying: Bools
    ticks_before: Ints
    """Paying days before each day."""

    def tick(self, days: Ints) -> Ints:
        """The number of the first paying day that is not before each day."""
        found: Ints = self.ticks_before[np.clip(days - self.first, 0, len(self.ticks_before) - 1)]
        return found

    def next(self, days: Ints) -> Ints:
        """The first paying day that is not before each day; the last one there is for days after it."""
        paying = np.flatnonzero(self.is_paying)
        found: Ints = paying[np.minimum(self.tick(days), len(paying) - 1)] + self.first
        return found


def paying_days(paid_on: Ints, holidays: Ints, first: int, last: int) -> PayingDays:
    """What the payments of the record tell of the days from ``first`` to ``last``: weekdays and holidays without any.

    ``paid_on`` holds the day of each payment; ``holidays`` leaves out week-ends, which the record tells of itself.
    """
    days = np.arange(first, last + 1, dtype=np.int64)
    is_holiday = np.isin(days, holidays)
    is_paying = np.ones(len(days), np.bool_)
    if len(paid_on) >= KNOWN_AFTER:
        per_weekday = np.bincount((paid_on - _MONDAY) % 7, minlength=7)
        is_paying = (per_weekday >= RARE * len(paid_on))[(days - _MONDAY) % 7]
        seen = (days >= paid_on.min()) & (days <= paid_on.max()) & is_paying
        on_holidays = np.count_nonzero(np.isin(paid_on, days[is_holiday & seen]))
        holiday_share = np.count_nonzero(is_holiday & seen) / np.count_nonzero(seen)
        if on_holidays <= QUIET * len(paid_on) * holiday_share:
            is_paying &= ~is_holiday
    return PayingDays(first, is_paying, np.cumsum(is_paying, dtype=np.int64) - is_paying)
