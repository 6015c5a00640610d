"""The best pairing of the whole problem at once, and how much worse it is without each of its pairs.

Each row and each column takes part in one pair at most, and a pair's weight is the evidence that the two belong
together, 0 meaning none either way. A pair's margin is what the best pairing loses where that pair is forbidden: where
another pairing is just as good it is 0, and the pair is a guess.

The margin is the shortest alternating path that closes on the pair. Staying alone is a node of its own, so the paths
through it, nearly all, come of two rounds of shortest distances over the whole problem; the others are searched pair by
pair, no farther than is worth knowing.
"""

from collections import defaultdict
from heapq import heappop, heappush
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, min_weight_full_bipartite_matching

Numbers = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float64]

MOST_VISITED: Final = 100
"""Rows looked at for one margin; where that does not suffice, the distance reached is a margin on the safe side."""

_STEPS_PER_UNIT: Final = 1_000_000
"""Weights are compared as whole millionths, so that equal evidence is equal however it was added up."""

_ROWS_TOGETHER: Final = 500
"""Rows of small components that are solved in one call."""

_FAR: Final = 1 << 60


def assign(rows: Numbers, columns: Numbers, weights: Weights) -> tuple[Numbers, Weights]:
    """The pairing of greatest total weight: positions of its pairs, in order, and their margins.

    The three arrays say one candidate pair per position: numbers from 0, and a weight above 0. A pair occurs once.
    The choice among pairings of equal weight is arbitrary: its doubtful pairs have margin 0.
    """
    if not len(rows):
        return np.empty(0, np.int64), np.empty(0)
    gains = np.maximum(np.rint(weights * _STEPS_PER_UNIT).astype(np.int64), 1)
    chosen = _chosen(rows, columns, gains)
    return chosen, _margins(rows, columns, gains, chosen) / _STEPS_PER_UNIT


def _chosen(rows: Numbers, columns: Numbers, gains: Numbers) -> Numbers:
    chosen = [
        part[_best_of(_renumbered(rows[part]), _renumbered(columns[part]), gains[part])]
        for part in _parts(rows, columns)
    ]
    return np.sort(np.concatenate(chosen))


def _renumbered(numbers: Numbers) -> Numbers:
    """The numbers from 0 without gaps."""
    return np.unique(numbers, return_inverse=True)[1]


def _parts(rows: Numbers, columns: Numbers) -> list[Numbers]:
    """The candidates as positions, in parts that have no row or column in common."""
    row_count, column_count = int(rows.max()) + 1, int(columns.max()) + 1
    size = row_count + column_count
    graph = coo_array((np.ones(len(rows), np.int8), (rows, row_count + columns)), shape=(size, size))
    _, component = connected_components(graph, directed=False)
    component_size = np.bincount(component[:row_count])
    # Components are put together up to a size, because each call costs, and the time of one grows with its square.
    part = (np.cumsum(component_size) // _ROWS_TOGETHER)[component[rows]]
    order = np.argsort(part, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(part[order])) + 1)


def _best_of(rows: Numbers, columns: Numbers, gains: Numbers) -> Numbers:
    """Positions of the best pairing of one part."""
    row_count, column_count = int(rows.max()) + 1, int(columns.max()) + 1
    # A column of its own for each row stands for staying alone, which gains nothing.
    alone = np.arange(row_count)
    highest = int(gains.max()) + 1
    costs = np.concatenate([highest - gains, np.full(row_count, highest)])
    graph = coo_array(
        (costs, (np.concatenate([rows, alone]), np.concatenate([columns, column_count + alone]))),
        shape=(row_count, column_count + row_count),
    )
    row, column = min_weight_full_bipartite_matching(csr_array(graph))
    partner = np.full(row_count, -1, np.int64)
    partner[row] = column
    return np.flatnonzero(partner[rows] == columns)


def _margins(rows: Numbers, columns: Numbers, gains: Numbers, chosen: Numbers) -> Numbers:
    """In steps. Distances count what is lost: a taken pair that is given up costs its gain, one taken gives it back."""
    row_count, column_count = int(rows.max()) + 1, int(columns.max()) + 1
    row_of, column_of = rows[chosen], columns[chosen]
    given_up = gains[chosen]
    others = np.ones(len(rows), np.bool_)
    others[chosen] = False
    row, column, gain = rows[others], columns[others], gains[others]

    # From staying alone: a column is left by its row, the row takes another column, its row is displaced, …
    from_alone = np.zeros(row_count, np.int64)
    from_alone[row_of] = given_up
    to_column = np.full(column_count, _FAR, np.int64)
    to_column[column_of] = 0
    while True:
        nearer = to_column.copy()
        np.minimum.at(nearer, column, from_alone[row] - gain)
        from_alone[row_of] = np.minimum(from_alone[row_of], nearer[column_of] + given_up)
        if np.array_equal(nearer, to_column):
            break
        to_column = nearer

    # To staying alone, backwards over the same.
    to_alone = np.zeros(row_count, np.int64)
    from_column = np.zeros(column_count, np.int64)
    while True:
        from_column[column_of] = to_alone[row_of] + given_up
        nearer = to_alone.copy()
        np.minimum.at(nearer, row, from_column[column] - gain)
        if np.array_equal(nearer, to_alone):
            break
        to_alone = nearer

    margins = given_up + to_alone[row_of] + to_column[column_of]
    return _shortened_by_cycles(
        margins, (row, column, gain), (row_of, column_of, given_up), from_alone, to_column
    )


def _shortened_by_cycles(
    margins: Numbers,
    others: tuple[Numbers, Numbers, Numbers],
    taken: tuple[Numbers, Numbers, Numbers],
    from_alone: Numbers,
    to_column: Numbers,
) -> Numbers:
    """The margins, where exchanging partners in a circle, nobody staying alone, loses less."""
    partner = dict(zip(taken[1].tolist(), taken[0].tolist(), strict=True))
    exchanges: dict[int, list[tuple[int, int]]] = defaultdict(list)
    # Measured from the distances above no step is negative; a step goes from a row to the row that it displaces.
    steps = from_alone[others[0]] - others[2] - to_column[others[1]]
    for row, column, step in zip(others[0].tolist(), others[1].tolist(), steps.tolist(), strict=True):
        if column in partner:
            exchanges[row].append((partner[column], step))
    shortened = margins.copy()
    for position, (row, margin) in enumerate(zip(taken[0].tolist(), margins.tolist(), strict=True)):
        if row in exchanges and margin > 0:
            shortened[position] = _circle(row, margin, exchanges)
    return shortened


def _circle(start: int, limit: int, exchanges: dict[int, list[tuple[int, int]]]) -> int:
    """The shortest way from a row back to it, at most ``limit``."""
    waiting = [(step, row) for row, step in exchanges[start] if step < limit]
    waiting.sort()
    visited: set[int] = set()
    while waiting:
        distance, row = heappop(waiting)
        if distance >= limit:
            return limit
        if row == start or len(visited) == MOST_VISITED:
            return distance
        if row in visited:
            continue
        visited.add(row)
        for other, step in exchanges.get(row, ()):
            if other not in visited and distance + step < limit:
                heappush(waiting, (distance + step, other))
    return limit
