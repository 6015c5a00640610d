"""Which items add up to an amount, in how many ways, and how many would do so by accident.

Many searches of one size are made at once, each an amount and its own items. Every combination is searched by meeting
in the middle: the sums of one half of the items are sorted, and what each sum of the other half lacks is looked up
among them. All that reach the amount are counted, so an amount that is reached twice is known to be ambiguous. Where
there are too many items for that, what people really pay is searched: an unbroken run of items in order of due date.

``near`` measures how dense sums lie about an amount: how many come within ``NEIGHBOURHOOD`` whole units of it with the
same cents, or a hundredth of all that come so near, whichever is more: of the first there may be none by luck. The
amount itself is left apart. Over the number of amounts that lie there, it is how many combinations would reach the
amount if it had nothing to do with the items. Each counts as much as it is plausible beside the one that was found: k
of n items are settled together with probability 1/(k(k+1)), any k of them alike, so the many sums of ten hardly compete
with one of three.
"""

from dataclasses import dataclass, replace
from math import comb
from typing import Final

import numpy as np
import numpy.typing as npt

Amounts = npt.NDArray[np.int64]
"""Amounts in minor units (cents), or numbers of rows."""

LARGEST_SEARCH: Final = 24
"""Items whose every combination is searched: 2 × 4,096 sums. Beyond about 50 a sum is always ambiguous."""

LARGEST_AMOUNT: Final = 10**15
"""Minor units beyond which an amount takes no part, so that sums and the keys made of them fit 64 bits."""

MINOR_UNITS: Final = 100
"""Amounts a whole unit apart share their cents, and real amounts crowd on few cents (.00, .90)."""

NEIGHBOURHOOD: Final = 50
"""Whole units to either side of an amount."""

NEIGHBOURS: Final = 2 * NEIGHBOURHOOD
"""Other amounts of the same cents in a neighbourhood."""

MOST_LISTED: Final = 64
"""Combinations named of one search; where there are more, the amount says nothing and any would do to show."""

MOST_WEIGHED: Final = 8
"""Combinations of one search up to which those that come near are weighed."""

MOST_NEAR: Final = 10_000
"""Sums weighed about one amount. Where more of its cents lie there, it is reached by accident; where more of all do,
those of its cents tell enough."""

_SUMS_AT_ONCE: Final = 1 << 17
"""Sums held in memory at once, of each half."""


@dataclass(frozen=True)
class Reached:
    """The combinations that a batch of searches found, at most ``MOST_LISTED`` per search and in its order.

    ``search`` says whose it is, bit i of ``members`` whether item i takes part; ``count`` is how many the search has.
    ``near`` is 0 where these are more than ``MOST_WEIGHED``: they are one another's accidents.
    """

    search: Amounts
    members: Amounts
    count: Amounts
    near: npt.NDArray[np.float64]


def combinations_reaching(items: Amounts, targets: Amounts) -> Reached:
    """The combinations of at least one item that sum to each target, which is not 0.

    ``items`` has one row per search and at most ``LARGEST_SEARCH`` columns; rows and ``targets`` are within
    ``LARGEST_AMOUNT``.
    """
    middle = items.shape[1] // 2
    step = max(1, min(_SUMS_AT_ONCE >> items.shape[1] - middle, _Lanes.rows_that_fit(items)))
    parts = [_nothing()]
    for first in range(0, len(targets), step):
        part = slice(first, first + step)
        left, right = _subset_sums(items[part, :middle]), _subset_sums(items[part, middle:])
        found = _reachable(left, right, targets[part])
        reached = _listed(left[found], right[found], targets[part][found], items.shape[1])
        parts.append(replace(reached, search=first + found[reached.search]))
    return Reached(
        search=np.concatenate([part.search for part in parts]),
        members=np.concatenate([part.members for part in parts]),
        count=np.concatenate([part.count for part in parts]),
        near=np.concatenate([part.near for part in parts]),
    )


def _nothing() -> Reached:
    empty = np.empty(0, np.int64)
    return Reached(empty, empty, empty, np.empty(0))


def _reachable(left: Amounts, right: Amounts, targets: Amounts) -> Amounts:
    """The searches whose target is the sum of a left and a right half."""
    lanes = _Lanes(right, MINOR_UNITS)
    there = np.sort(lanes.keys(right), axis=1).ravel()
    # In order, because looking up what stands in order is five times as fast.
    sought = np.sort(lanes.keys(targets[:, None] - left), axis=1)
    at = np.minimum(np.searchsorted(there, sought), len(there) - 1)
    return np.flatnonzero((there[at] == sought).any(axis=1))


def _listed(left: Amounts, right: Amounts, targets: Amounts, item_count: int) -> Reached:
    """The combinations of searches that have some."""
    if not len(targets):
        return _nothing()
    of_cents = _Halves(left, right, targets, item_count // 2, MINOR_UNITS)
    search, members, count = of_cents.within(np.arange(len(targets)), 0, MOST_LISTED)
    plausible = np.array([0.0, *(1 / (k * (k + 1) * comb(item_count, k)) for k in range(1, item_count + 1))])
    weight = plausible[np.bitwise_count(members)]
    few = np.flatnonzero(count <= MOST_WEIGHED)
    found = np.bincount(search, weight, len(targets))[few]

    def near(halves: _Halves, searches: Amounts, distance: int) -> tuple[npt.NDArray[np.float64], Amounts]:
        neighbour, neighbours, total = halves.within(searches, distance, MOST_NEAR, all_or_none=True)
        weights = np.bincount(neighbour, plausible[np.bitwise_count(neighbours)], len(searches))
        return np.maximum(weights - found, 0.0), total

    of_same, same_count = near(of_cents, few, NEIGHBOURHOOD)
    of_all = _Halves(left[few], right[few], targets[few], item_count // 2, 1)
    of_any, _ = near(of_all, np.arange(len(few)), NEIGHBOURHOOD * MINOR_UNITS)
    weights = np.zeros(len(targets))
    weights[few] = np.maximum(of_same, of_any / MINOR_UNITS)
    is_dense = np.zeros(len(targets), np.bool_)
    is_dense[few] = same_count > MOST_NEAR
    near_of = np.where(is_dense[search], MOST_NEAR, weights[search] / weight)
    return Reached(search, members, count[search], near_of)


class _Halves:
    """The sums of one half of the items of each search, in order, and what those of the other half lack."""

    def __init__(
        self, left: Amounts, right: Amounts, targets: Amounts, bits_of_left: int, cents: int
    ) -> None:
        lanes = _Lanes(right, cents)
        self._there, self._right_half = _in_order(lanes.keys(right))
        self._sought, self._left_half = _in_order(lanes.keys(targets[:, None] - left))
        self._bits_of_left = bits_of_left

    def within(
        self, searches: Amounts, distance: int, most: int, *, all_or_none: bool = False
    ) -> tuple[Amounts, Amounts, Amounts]:
        """Position among the searches and members of the combinations within a distance, and how many each has.

        Of a search that has more than ``most`` the first are told, or none of them.
        """
        sought = self._sought[searches]
        keys = sought.ravel()
        start = np.searchsorted(self._there.ravel(), keys - distance, "left")
        size = np.searchsorted(self._there.ravel(), keys + distance, "right") - start
        total = size.reshape(sought.shape).sum(axis=1)
        if all_or_none:
            size[np.repeat(total > most, sought.shape[1])] = 0
        number, position = expanded(start, np.minimum(size, most))
        search = number // sought.shape[1]
        some = _among_first(search, most)
        members = (
            self._left_half[searches].ravel()[number[some]]
            | self._right_half.ravel()[position[some]] << self._bits_of_left
        )
        return search[some], members, total


def _in_order(keys: Amounts) -> tuple[Amounts, Amounts]:
    """The keys of each row in order, and where each stood."""
    order = np.argsort(keys, axis=1)
    return np.take_along_axis(keys, order, axis=1), order


class _Lanes:
    """Makes sums of many searches comparable in one line: by search, then by ``cents``, then by what is above these.

    So one look-up finds a sum, and two find how many sums lie near it: of the same cents, or all where ``cents`` is 1.
    """

    def __init__(self, sums: Amounts, cents: int) -> None:
        self._cents = cents
        units = sums // cents
        # Amounts beyond every neighbourhood are found nowhere, and neighbourhoods of different cents never touch.
        margin = NEIGHBOURHOOD * MINOR_UNITS // cents + 1
        self._lowest = int(units.min(initial=0)) - margin
        self._highest = int(units.max(initial=0)) + margin
        self._width = self._highest - self._lowest + 1

    @staticmethod
    def rows_that_fit(items: Amounts) -> int:
        """How many searches have keys within 64 bits."""
        reach = int(np.abs(items).sum(axis=1).max(initial=0)) // MINOR_UNITS + 2 * NEIGHBOURS
        return int(np.iinfo(np.int64).max // (MINOR_UNITS * 4 * reach))

    def keys(self, sums: Amounts) -> Amounts:
        """The keys of these sums, of which each search has a row."""
        units = sums // self._cents
        lanes = np.arange(len(sums))[:, None] * self._cents + sums - units * self._cents
        keys: Amounts = lanes * self._width + np.clip(units, self._lowest, self._highest) - self._lowest
        return keys


def _subset_sums(items: Amounts) -> Amounts:
    """The sum of every subset of each row; bit i of a position says whether item i is in it."""
    sums = np.zeros((len(items), 1), np.int64)
    for column in items.T:
        sums = np.concatenate([sums, sums + column[:, None]], axis=1)
    return sums


def expanded(start: Amounts, size: Amounts) -> tuple[Amounts, Amounts]:
    """The positions of many ranges, one after the other, and the number of the range that each is of."""
    number = np.repeat(np.arange(len(size)), size)
    before = np.cumsum(size) - size
    return number, np.arange(len(number)) - np.repeat(before - start, size)


def _among_first(group: Amounts, most: int) -> npt.NDArray[np.bool_]:
    """Which rows are among the first ``most`` of their group; the rows of a group stand together."""
    begins = np.flatnonzero(np.diff(group, prepend=-1))
    size = np.diff(np.append(begins, len(group)))
    kept: npt.NDArray[np.bool_] = np.arange(len(group)) - np.repeat(begins, size) < most
    return kept


@dataclass(frozen=True)
class Runs:
    """The unbroken runs that reach an amount: how many, the ``MOST_LISTED`` shortest of them as first and
    past-the-last position, and how many come near it."""

    count: int
    listed: tuple[tuple[int, int], ...]
    near: float


def runs_reaching(items: Amounts, target: int) -> Runs:
    """The unbroken runs of at least one item, in the order given, that sum to the target, which is not 0."""
    totals = np.concatenate([np.zeros(1, np.int64), np.cumsum(items)])
    if not np.isin(totals + target, totals).any():
        return Runs(0, (), 0)
    excess = totals[None, :] - totals[:, None] - target
    is_run = np.triu(np.ones(excess.shape, np.bool_), 1)
    starts, ends = np.nonzero(is_run & (excess == 0))
    found = sorted(zip(starts.tolist(), ends.tolist(), strict=True), key=lambda run: (run[1] - run[0], run))
    return Runs(len(found), tuple(found[:MOST_LISTED]), near_accidents(excess[is_run & (excess != 0)]))


def near_accidents(distances: Amounts) -> float:
    """How many of what lies at these distances from an amount, none of them 0, come near it, as ``near`` counts."""
    near = distances[np.abs(distances) <= NEIGHBOURHOOD * MINOR_UNITS]
    return max(float((near % MINOR_UNITS == 0).sum()), len(near) / MINOR_UNITS)
