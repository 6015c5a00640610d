"""The best pairing and its margins: hand-worked, and against every pairing written out."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciliation.assignment import assign

Edge = tuple[int, int, float]

edges = st.dictionaries(
    st.tuples(st.integers(0, 4), st.integers(0, 4)), st.integers(1, 12), min_size=1, max_size=14
).map(lambda found: [(row, column, weight / 2) for (row, column), weight in found.items()])


def assigned(candidates: Sequence[Edge]) -> dict[tuple[int, int], float]:
    """Pair → margin."""
    rows, columns, weights = (np.array(part) for part in zip(*candidates, strict=True))
    chosen, margins = assign(rows.astype(np.int64), columns.astype(np.int64), weights.astype(np.float64))
    assert chosen.tolist() == sorted(chosen.tolist())
    return {
        (int(rows[position]), int(columns[position])): margin
        for position, margin in zip(chosen.tolist(), margins.tolist(), strict=True)
    }


def _best_total(candidates: Sequence[Edge]) -> float:
    """Of every pairing of the candidates, the greatest weight."""
    if not candidates:
        return 0.0
    (row, column, weight), *others = candidates
    apart = [edge for edge in others if edge[0] != row and edge[1] != column]
    return max(_best_total(others), weight + _best_total(apart))


def test_the_whole_counts_not_the_best_pair() -> None:
    """5 is the heaviest pair, yet 4 + 4 weigh more; without either, 5 is left: a margin of 3 each."""
    assert assigned([(0, 0, 5.0), (0, 1, 4.0), (1, 0, 4.0)]) == {(0, 1): 3.0, (1, 0): 3.0}


def test_the_margin_is_what_is_lost_without_the_pair() -> None:
    """Row 0 without column 0 (8) takes column 1 (3)."""
    assert assigned([(0, 0, 8.0), (0, 1, 3.0)]) == {(0, 0): 5.0}
    assert assigned([(0, 0, 8.0)]) == {(0, 0): 8.0}


def test_equal_pairings_leave_no_margin() -> None:
    found = assigned([(0, 0, 7.0), (0, 1, 7.0)])
    assert list(found.values()) == [0.0]
    exchangeable = [(row, column, 7.0) for row in (0, 1) for column in (0, 1)]
    assert list(assigned(exchangeable).values()) == [0.0, 0.0]


def test_a_circle_of_three_is_found() -> None:
    """Each row has a partner of 9 and the next one's of 8: all three change at a loss of 3, alone they lose 9."""
    candidates = [(row, row, 9.0) for row in range(3)] + [(row, (row + 1) % 3, 8.0) for row in range(3)]
    assert assigned(candidates) == {(row, row): 3.0 for row in range(3)}


def test_nothing_to_pair() -> None:
    chosen, margins = assign(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    assert len(chosen) == len(margins) == 0


@given(edges)
@settings(max_examples=300, deadline=None)
def test_no_pairing_weighs_more_and_margins_are_exact(candidates: list[Edge]) -> None:
    found = assigned(candidates)
    assert len({row for row, _ in found}) == len({column for _, column in found}) == len(found)
    weights = {(row, column): weight for row, column, weight in candidates}
    best = _best_total(candidates)
    assert sum(weights[pair] for pair in found) == pytest.approx(best)
    for pair, margin in found.items():
        without = _best_total([edge for edge in candidates if edge[:2] != pair])
        assert margin == pytest.approx(best - without)


def test_many_parts_are_solved_apart() -> None:
    """2,000 problems of 4 + 4 against 5, side by side."""
    candidates = [
        (2 * part + row, 2 * part + column, weight)
        for part in range(2000)
        for row, column, weight in ((0, 0, 5.0), (0, 1, 4.0), (1, 0, 4.0))
    ]
    found = assigned(candidates)
    assert len(found) == 4000
    assert set(found.values()) == {3.0}
