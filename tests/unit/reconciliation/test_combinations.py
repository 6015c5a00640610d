"""Which items add up to an amount: against every combination written out."""

from itertools import combinations
from math import comb

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconciliation.combinations import (
    LARGEST_AMOUNT,
    LARGEST_SEARCH,
    MOST_LISTED,
    MOST_NEAR,
    MOST_WEIGHED,
    combinations_reaching,
    runs_reaching,
)

UNIT = 100
NEAR = 50 * UNIT

amounts = st.integers(-30, 90).map(lambda cents: cents * 25) | st.integers(-3000, 9000)
searches = st.integers(1, 7).flatmap(
    lambda size: st.lists(
        st.tuples(st.lists(amounts, min_size=size, max_size=size), st.integers(0, 127), amounts),
        min_size=1,
        max_size=4,
    )
)


def _is_near(total: int, target: int, cents: int = UNIT) -> bool:
    return total != target and abs(total - target) <= NEAR and (total - target) % cents == 0


@given(searches)
@settings(max_examples=200, deadline=None)
def test_every_combination_is_counted_and_named(drawn: list[tuple[list[int], int, int]]) -> None:
    """Half the targets are the sum of some of the items, so that there is something to find."""
    problems = []
    for items, subset, other in drawn:
        total = sum(item for position, item in enumerate(items) if subset >> position & 1)
        problems.append((items, total or other or 1))
    reached = combinations_reaching(
        np.array([items for items, _ in problems]), np.array([target for _, target in problems])
    )
    found = set(zip(reached.search.tolist(), reached.members.tolist(), strict=True))
    assert len(found) == len(reached.search)
    for number, (items, target) in enumerate(problems):
        positions = range(len(items))
        sets = [chosen for size in positions for chosen in combinations(positions, size + 1)]
        wanted = [chosen for chosen in sets if sum(items[position] for position in chosen) == target]
        masks = {sum(1 << position for position in chosen) for chosen in wanted}
        shown = {members for search, members in found if search == number}
        assert shown <= masks
        assert len(shown) == min(len(masks), MOST_LISTED)
        assert set(reached.count[reached.search == number].tolist()) == ({len(wanted)} if wanted else set())
        # Those of the same cents, or a hundredth of all, whichever weighs more.
        weight = max(
            sum(
                _plausible(len(chosen), len(items))
                for chosen in sets
                if _is_near(sum(items[at] for at in chosen), target, cents)
            )
            / (UNIT // cents)
            for cents in (UNIT, 1)
        )
        for search, members, near in zip(reached.search, reached.members, reached.near, strict=True):
            if search == number and len(wanted) <= MOST_WEIGHED:
                size = int(members).bit_count()
                assert near == pytest.approx(weight / _plausible(size, len(items)), abs=1e-9)


def _plausible(size: int, of: int) -> float:
    """How likely it is that just these are settled together, beforehand."""
    return 1 / (size * (size + 1) * comb(of, size))


def test_a_large_pool_is_searched_whole() -> None:
    """24 items of doubling amounts: every total is reached once, by the digits of the number in base two."""
    items = np.array([[1 << position for position in range(LARGEST_SEARCH)]])
    for total in (1, 0b101010101010101010101010, (1 << LARGEST_SEARCH) - 1):
        reached = combinations_reaching(items, np.array([total]))
        assert reached.members.tolist() == [total]
        assert reached.count.tolist() == [1]


def test_very_many_combinations_are_counted_though_few_are_named() -> None:
    """Of 24 equal items, 12 add up to the amount in 2,704,156 ways."""
    reached = combinations_reaching(np.full((1, LARGEST_SEARCH), 100), np.array([1200]))
    assert set(reached.count.tolist()) == {comb(24, 12)}
    assert len(reached.members) == MOST_LISTED
    assert {members.bit_count() for members in reached.members.tolist()} == {12}


def test_where_sums_crowd_they_are_not_weighed_one_by_one() -> None:
    """Of 1.00, 2.00 … 24.00 one alone is 1.00; tens of thousands of sums lie within 50 units of it."""
    items = 100 * np.arange(1, LARGEST_SEARCH + 1)[None, :]
    reached = combinations_reaching(items, np.array([100]))
    assert reached.count.tolist() == [1]
    assert reached.near.tolist() == [MOST_NEAR]


def test_where_too_many_lie_near_those_of_the_same_cents_tell() -> None:
    """Sixteen items of 3 to 6 cents: 65,534 sums lie near that of all, none of them a whole unit away."""
    items = np.array([[3 + position % 4 for position in range(16)]])
    assert 1 << items.shape[1] > MOST_NEAR
    reached = combinations_reaching(items, items.sum(axis=1))
    assert reached.members.tolist() == [(1 << items.shape[1]) - 1]
    assert reached.near.tolist() == [0.0]


def test_the_largest_amounts_neither_overflow_nor_meet_others() -> None:
    items = np.array(
        [[LARGEST_AMOUNT - position for position in range(LARGEST_SEARCH)], [1] * LARGEST_SEARCH]
    )
    targets = np.array([int(items[0].sum()), LARGEST_AMOUNT])
    reached = combinations_reaching(items, targets)
    assert reached.search.tolist() == [0]
    assert reached.members.tolist() == [(1 << LARGEST_SEARCH) - 1]


@given(st.lists(amounts, min_size=1, max_size=12), st.integers(0, 11), st.integers(1, 12), amounts)
@example([100, -100, 100], 0, 1, 1)
@example([0, 100], 1, 1, 1)
@settings(max_examples=200, deadline=None)
def test_every_unbroken_run_is_found(items: list[int], start: int, length: int, other: int) -> None:
    target = sum(items[start : start + length]) or other or 1
    ranges = [(first, end) for first in range(len(items)) for end in range(first + 1, len(items) + 1)]
    wanted = [(first, end) for first, end in ranges if sum(items[first:end]) == target]
    runs = runs_reaching(np.array(items), target)
    assert runs.count == len(wanted)
    assert sorted(runs.listed) == sorted(wanted)
    assert [end - first for first, end in runs.listed] == sorted(end - first for first, end in wanted)
    if wanted:
        assert runs.near == max(
            sum(_is_near(sum(items[first:end]), target, cents) for first, end in ranges) / (UNIT // cents)
            for cents in (UNIT, 1)
        )
