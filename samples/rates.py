"""What a euro is worth in dollars from day to day: an invented course, near those of the last years."""

from datetime import date

import numpy as np

from samples.days import Days, Ints

DAYS_AFTER = 400
"""Payments are drawn for days after the last of the sample, and left out later."""


def draw_rates(rng: np.random.Generator, start: date, end: date) -> Ints:
    """Dollars for a euro, in ten-thousandths, for each day from ``start`` to some time after ``end``."""
    count = (end - start).days + DAYS_AFTER
    steps = rng.integers(-30, 31, count)
    drift = np.cumsum(steps)
    return 10_900 + drift - np.linspace(0, drift[-1], count).astype(np.int64)


def in_euros(dollar_cents: Ints, days: Days, rates: Ints, start: date) -> Ints:
    """``dollar_cents`` at the rate of ``days``, rounded half up."""
    rate = rates[np.minimum((days - np.datetime64(start)).astype(np.int64), len(rates) - 1)]
    return (dollar_cents * 20_000 + rate) // (2 * rate)
