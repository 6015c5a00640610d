"""Which items add up to an amount, in how many ways, and how many would do so by accident.

Many searches of one size are made at once, each an amount and its own items. Every combination is searched by meeting
in the middle: the sums of one half of the items are sorted, and what each sum of the other half lacks is looked up
among them. All that reach the amount are counted, so an amount that is reached twice is known to be ambiguous. Where
there are too many items for that, what people really pay is searched: an unbroken run of items in order of due date.

``near`` measures how dense sums lie about an amount: how many come within ``NEIGHBOURHOOD`` whole units of it with the
same cents, the amount itself apart. Over the number of amounts that lie there, it is how many combinations would reach
the amount if it had nothing to do with the items.
"""

from dataclasses import dataclass
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

_SUMS_AT_ONCE: Final = 1 << 18
"""Sums held in memory at once, of each half."""


@dataclass(frozen=True)
class Reached:
    """What one batch of searches found.

    ``count`` and ``near`` hold one number per search. ``search`` and ``members`` name the combinations themselves, at
    most ``MOST_LISTED`` per search and in its order: bit i of ``members`` says whether item i takes part.
    """

    count: Amounts
    near: Amounts
    search: Amounts
    members: Amounts


def combinations_reaching(items: Amounts, targets: Amounts) -> Reached:
    """The combinations of at least one item that sum to each target, which is not 0.

    ``items`` has one row per search and at most ``LARGEST_SEARCH`` columns; rows and ``targets`` are within
    ``LARGEST_AMOUNT``.
    """
    sums_of_half = 1 << (items.shape[1] + 1) // 2
    step = max(1, min(_SUMS_AT_ONCE // sums_of_half, _Keys.rows_that_fit(items)))
    parts = [
        _combinations(items[first : first + step], targets[first : first + step], first)
        for first in range(0, len(targets), step)
    ]
    return _joined(parts)


def _combinations(items: Amounts, targets: Amounts, first: int) -> Reached:
    middle = items.shape[1] // 2
    left, right = _subset_sums(items[:, :middle]), _subset_sums(items[:, middle:])
    keys = _Keys(right)
    sought = keys.of(targets[:, None] - left)
    is_found = keys.has(sought)
    found = np.flatnonzero(is_found.any(axis=1))
    count, near = np.zeros(len(targets), np.int64), np.zeros(len(targets), np.int64)
    count[found] = keys.count(sought[found], 0).sum(axis=1)
    near[found] = keys.count(sought[found], NEIGHBOURHOOD).sum(axis=1) - count[found]

    search, lacking = keys.sums(np.unique(sought[is_found]))
    some = _among_first(search)
    search, lacking = search[some], lacking[some]
    of_left, of_right = _masks(left, search, targets[search] - lacking), _masks(right, search, lacking)
    search, members = _paired(search, of_left, of_right, middle)
    return Reached(count, near, first + search, members)


class _Keys:
    """Sums of many searches in one sorted line: by search, then by cents, then by whole units.

    One look-up finds a sum, and two find how many sums of the same cents lie near it.
    """

    def __init__(self, sums: Amounts) -> None:
        units = sums // MINOR_UNITS
        # Amounts beyond every neighbourhood are found nowhere, and neighbourhoods of different cents never touch.
        self._lowest = int(units.min()) - NEIGHBOURHOOD - 1
        self._highest = int(units.max()) + NEIGHBOURHOOD + 1
        self._lane = self._highest - self._lowest + 2 * NEIGHBOURHOOD + 1
        self._sorted = self.of(sums).ravel()

    @staticmethod
    def rows_that_fit(items: Amounts) -> int:
        """How many searches have keys within 64 bits."""
        reach = int(np.abs(items).sum(axis=1).max(initial=0)) // MINOR_UNITS + 2 * NEIGHBOURS
        return int(np.iinfo(np.int64).max // (MINOR_UNITS * 4 * reach))

    def of(self, sums: Amounts) -> Amounts:
        """The keys of these sums, of which each search has a row: in order, so that looking up is fast."""
        units = sums // MINOR_UNITS
        cents = sums - units * MINOR_UNITS
        lanes = np.arange(len(sums))[:, None] * MINOR_UNITS + cents
        keys: Amounts = lanes * self._lane + np.clip(units, self._lowest, self._highest) - self._lowest
        keys.sort(axis=1)
        return keys

    def sums(self, keys: Amounts) -> tuple[Amounts, Amounts]:
        """The search and the sum that each key stands for."""
        lanes, units = np.divmod(keys, self._lane)
        search, cents = np.divmod(lanes, MINOR_UNITS)
        return search, (units + self._lowest) * MINOR_UNITS + cents

    def has(self, keys: Amounts) -> npt.NDArray[np.bool_]:
        """Whether there is a sum of each of these keys."""
        at = np.searchsorted(self._sorted, keys)
        there: npt.NDArray[np.bool_] = self._sorted[np.minimum(at, len(self._sorted) - 1)] == keys
        return there

    def count(self, keys: Amounts, distance: int) -> Amounts:
        """How many sums lie within ``distance`` whole units of each of these keys."""
        above = np.searchsorted(self._sorted, keys + distance, "right")
        return above - np.searchsorted(self._sorted, keys - distance, "left")


def _subset_sums(items: Amounts) -> Amounts:
    """The sum of every subset of each row; bit i of a position says whether item i is in it."""
    sums = np.zeros((len(items), 1), np.int64)
    for column in items.T:
        sums = np.concatenate([sums, sums + column[:, None]], axis=1)
    return sums


def _masks(sums: Amounts, search: Amounts, half: Amounts) -> tuple[Amounts, Amounts]:
    """Where each half stands among the sums of its search: number of the half and position, in order."""
    numbers, masks = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    step = max(1, _SUMS_AT_ONCE // sums.shape[1])
    for first in range(0, len(half), step):
        part = slice(first, first + step)
        number, mask = np.nonzero(sums[search[part]] == half[part, None])
        some = _among_first(number)
        numbers.append(first + number[some])
        masks.append(mask[some])
    return np.concatenate(numbers), np.concatenate(masks)


def _paired(
    search: Amounts, left: tuple[Amounts, Amounts], right: tuple[Amounts, Amounts], middle: int
) -> tuple[Amounts, Amounts]:
    """Every left half with every right half of its number: search and members."""
    number, mask = left
    size = np.bincount(right[0], minlength=len(search))
    start = np.concatenate([np.zeros(1, np.int64), np.cumsum(size)])
    pair, other = expanded(start[number], size[number])
    some = _among_first(search[number[pair]])
    pair, other = pair[some], other[some]
    return search[number[pair]], mask[pair] | right[1][other] << middle


def expanded(start: Amounts, size: Amounts) -> tuple[Amounts, Amounts]:
    """The positions of many ranges, one after the other, and the number of the range that each is of."""
    number = np.repeat(np.arange(len(size)), size)
    before = np.cumsum(size) - size
    return number, np.arange(len(number)) - np.repeat(before - start, size)


def _among_first(group: Amounts) -> npt.NDArray[np.bool_]:
    """Which rows are among the first ``MOST_LISTED`` of their group; the rows of a group stand together."""
    begins = np.flatnonzero(np.diff(group, prepend=-1))
    size = np.diff(np.append(begins, len(group)))
    kept: npt.NDArray[np.bool_] = np.arange(len(group)) - np.repeat(begins, size) < MOST_LISTED
    return kept


def _joined(parts: list[Reached]) -> Reached:
    empty = np.empty(0, np.int64)
    return Reached(
        np.concatenate([empty, *(part.count for part in parts)]),
        np.concatenate([empty, *(part.near for part in parts)]),
        np.concatenate([empty, *(part.search for part in parts)]),
        np.concatenate([empty, *(part.members for part in parts)]),
    )


@dataclass(frozen=True)
class Runs:
    """The unbroken runs that reach an amount: how many, the ``MOST_LISTED`` shortest of them as first and
    past-the-last position, and ``near`` as in ``Reached``."""

    count: int
    listed: tuple[tuple[int, int], ...]
    near: int


def runs_reaching(items: Amounts, target: int) -> Runs:
    """The unbroken runs of at least one item, in the order given, that sum to the target, which is not 0."""
    totals = np.concatenate([np.zeros(1, np.int64), np.cumsum(items)])
    keys = _Keys(totals[None, :])
    if not keys.has(keys.of(totals[None, :] + target)).any():
        return Runs(0, (), 0)
    excess = np.triu(totals[None, :] - totals[:, None] - target, 1)
    starts, ends = np.nonzero((excess == 0) & np.tri(len(totals), k=-1, dtype=np.bool_).T)
    distance = NEIGHBOURHOOD * MINOR_UNITS
    is_near = (np.abs(excess) <= distance) & (excess % MINOR_UNITS == 0) & (excess != 0)
    found = sorted(zip(starts.tolist(), ends.tolist(), strict=True), key=lambda run: (run[1] - run[0], run))
    return Runs(len(found), tuple(found[:MOST_LISTED]), int(is_near.sum()))
