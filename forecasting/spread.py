"""The band around what is expected: as wide as earlier forecasts turned out to be wrong.

Were items paid independently of each other, a week's cash would vary by the sum of their own variances. It varies
more: customers pay several invoices at once, and whole months are good or bad. By how much, the errors of earlier
forecasts tell, those whose weeks had ended by then (conformal: the band is widened so that it would have held eight
weeks in ten of them).

In a week in which few items may be paid, it is likely that none is: the band is of a mass at zero, and of a gamma
distribution of what comes else, which is never negative and nearly normal where many items make the sum.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import gammainc, gammaincinv, ndtri

from forecasting.days import Bools, Floats, Ints

LEVELS: Final = (0.1, 0.5, 0.9)
COVERED: Final = LEVELS[2] - LEVELS[0]

GUESSES: Final = 20
FIRST_FACTOR: Final = 1.3
"""Before there are errors to learn from: so many weeks whose errors are so many times those of independent items."""

HALF_LIFE: Final = 180.0
"""Days after which an error tells half as much: habits change, and errors with them."""

_GUESSED: Final = FIRST_FACTOR * ndtri(0.5 + (np.arange(GUESSES) + 0.5) / (2 * GUESSES)) / ndtri(LEVELS[2])

FACTORS: Final = (0.35, 5.6)
HALVINGS: Final = 8
"""The factors that are tried, and how often what is between them is halved: to 1 % of a factor."""

LEAST_SPREAD: Final = 0.05
"""What comes, where something comes, varies by this part at least of what independent items vary by."""


def widening(needed: Floats, age: Ints | Floats) -> float:
    """How many times wider than independent items would make it the band has to be.

    ``needed``: how many times wider each earlier band would have had to be, at least, to hold what came; ``age``: days
    since that forecast.
    """
    factor = np.concatenate([needed, _GUESSED])
    weight = np.concatenate([0.5 ** (age / HALF_LIFE), np.ones(GUESSES)])
    order = np.argsort(factor, kind="stable")
    until = np.cumsum(weight[order])
    return float(np.interp(COVERED, (until - weight[order] / 2) / until[-1], factor[order]))


@dataclass(frozen=True)
class Sums:
    """What items make together in each of some cells, were they independent.

    ``expected`` is above zero, and so is ``variance``. ``log_none``: the logarithm of the chance that none is paid.
    """

    expected: Floats
    variance: Floats
    log_none: Floats

    def where(self, chosen: Bools) -> "Sums":
        """Some of the cells, in one dimension."""
        return Sums(self.expected[chosen], self.variance[chosen], self.log_none[chosen])

    def needed(self, came: Floats) -> Floats:
        """The factor that each band would have had to be widened by, at least, to hold what came."""
        low = np.full(came.shape, np.log(FACTORS[0]))
        high = np.full(came.shape, np.log(FACTORS[1]))
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            none, shape, scale = self._widened(np.exp(middle))
            below = none + (1 - none) * gammainc(shape, came / scale)
            is_held = (below >= LEVELS[0]) & ((below <= LEVELS[2]) | (came == 0))
            low, high = np.where(is_held, low, middle), np.where(is_held, middle, high)
        factors: Floats = np.exp(high)
        return factors

    def quantiles(self, factor: Floats, most: Ints) -> Ints:
        """P10, P50 and P90 in a last dimension, between nothing and ``most``, of bands widened by ``factor``."""
        none, shape, scale = self._widened(factor)
        levels = np.clip((np.array(LEVELS) - none[..., None]) / (1 - none[..., None]), 0, 1)
        found = gammaincinv(shape[..., None], levels) * scale[..., None]
        cents: Ints = np.rint(np.clip(found, 0, most[..., None])).astype(np.int64)
        return cents

    def _widened(self, factor: Floats) -> tuple[Floats, Floats, Floats]:
        """The chance that nothing comes, and shape and scale of the gamma distribution of what comes else.

        A deviation so many times that of independent items is that of items paid in bunches of ``factor²``, each bunch
        at once or not at all: there are fewer bunches than items, and so it is likelier that none is paid.
        """
        some = np.maximum(-np.expm1(self.log_none / factor**2), 1e-9)
        mean = self.expected / some
        variance = self.variance * factor**2 / some - mean**2 * (1 - some)
        scale = np.maximum(variance, LEAST_SPREAD * self.variance) / mean
        return 1 - some, mean / scale, scale
