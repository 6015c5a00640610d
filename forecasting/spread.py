"""The band around what is expected: as wide as earlier forecasts turned out to be wrong.

Were items paid independently of each other, a week's cash would vary by the sum of their own variances. It varies
more: customers pay several invoices at once, and whole months are good or bad. By how much, the errors of earlier
forecasts tell, those whose weeks had ended by then (conformal: the band is widened so that it would have held eight
weeks in ten of them).
"""

from typing import Final

import numpy as np
from scipy.special import gammaincinv
from scipy.stats import norm

from forecasting.days import Floats, Ints

LEVELS: Final = (0.1, 0.5, 0.9)
COVERED: Final = LEVELS[2] - LEVELS[0]

GUESSES: Final = 20
FIRST_FACTOR: Final = 1.4
"""Before there are errors to learn from: so many weeks whose errors are so many times those of independent items."""

_GUESSED: Final = FIRST_FACTOR * norm.ppf(0.5 + (np.arange(GUESSES) + 0.5) / (2 * GUESSES))


def widening(errors: Floats) -> float:
    """How many times wider than independent items would make it the band has to be.

    ``errors``: earlier errors, each as a multiple of its own deviation were items independent.
    """
    known = np.concatenate([np.abs(errors), _GUESSED])
    return float(np.quantile(known, COVERED, method="higher") / norm.ppf(LEVELS[2]))


def quantiles(expected: Floats, variance: Floats, most: Ints) -> Ints:
    """P10, P50 and P90 in a last dimension, between nothing and ``most``: of a gamma distribution, which is never
    negative and nearly normal where many items make the sum."""
    positive = (expected > 0) & (variance > 0)
    scale = np.divide(variance, expected, out=np.ones_like(expected), where=positive)
    shape = np.divide(expected, scale, out=np.ones_like(expected), where=positive)
    found = np.stack(
        [np.where(positive, gammaincinv(shape, level) * scale, expected) for level in LEVELS], axis=-1
    )
    cents: Ints = np.rint(np.clip(found, 0, most[..., None])).astype(np.int64)
    return cents
