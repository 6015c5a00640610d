"""One payment and one document, by the evidence for the pair and the best pairing of all that is left."""

from math import log
from typing import Final

import numpy as np
import numpy.typing as npt

from reconciliation.assignment import assign
from reconciliation.groups import Group, agrees_with_names
from reconciliation.pools import Book, Flags, Numbers

LEAST_WEIGHT: Final = log(999)
"""A pair is matched where its evidence is right in 999 of 1,000 …"""

LEAST_MARGIN: Final = log(99)
"""… and the best pairing 99 times as likely as any without it."""

LEAST_PROPOSED: Final = -log(9)
"""A pair that is right in less than one of ten is no help to the person who decides."""

MOST_PROPOSED: Final = 3
"""Proposals of one payment."""


def sure_pairs(book: Book) -> list[Group]:
    """The pairs of the best pairing whose amounts agree, that have the evidence, and that nothing else comes near."""
    pairs, (chosen, margin) = book.pairs, _best_pairing(book)
    is_sure = pairs.is_same_amount[chosen] & (pairs.weight[chosen] >= LEAST_WEIGHT) & (margin >= LEAST_MARGIN)
    groups = _groups(book, chosen[is_sure], margin[is_sure])
    return [group for group in groups if agrees_with_names(group, book)]


def likely_pairs(book: Book) -> list[Group]:
    """The pairs of greatest weight of each payment that is left, those of the same amount first; those of the best
    pairing have their margin."""
    pairs, (chosen, margin) = book.pairs, _best_pairing(book)
    margin_of = np.full(len(pairs.weight), np.nan)
    margin_of[chosen] = margin
    free = np.flatnonzero(_open_pairs(book) & (pairs.weight >= LEAST_PROPOSED))
    differs = book.payment_amount[pairs.payment[free]] != book.document_amount[pairs.document[free]]
    free = free[np.lexsort((-pairs.weight[free], differs, pairs.payment[free]))]
    starts = np.flatnonzero(np.diff(pairs.payment[free], prepend=-1))
    place = np.arange(len(free)) - np.repeat(starts, np.diff(np.append(starts, len(free))))
    others = np.maximum(
        _equally_good(pairs.payment[free], pairs.weight[free]),
        _equally_good(pairs.document[free], pairs.weight[free]),
    )
    best = place < MOST_PROPOSED
    return _groups(book, free[best], margin_of[free[best]], others[best])


def _best_pairing(book: Book) -> tuple[Numbers, npt.NDArray[np.float64]]:
    """Positions of the pairs of the best pairing, and their margins."""
    pairs = book.pairs
    free = np.flatnonzero(_open_pairs(book) & (pairs.weight > 0))
    _, rows = np.unique(pairs.payment[free], return_inverse=True)
    _, columns = np.unique(pairs.document[free], return_inverse=True)
    chosen, margin = assign(rows, columns, pairs.weight[free])
    return free[chosen], margin


def _open_pairs(book: Book) -> Flags:
    """The pairs left of which one side settles the other: a credit note that a payment names joins sums alone."""
    pairs = book.pairs
    payment, document = book.payment_amount[pairs.payment], book.document_amount[pairs.document]
    free: Flags = book.free_pairs() & ((payment > 0) == (document > 0))
    return free


def _equally_good(number: Numbers, weight: npt.NDArray[np.float64]) -> Numbers:
    """How many other positions have the same number and weight."""
    _, evidence = np.unique(np.rint(weight * 1_000_000), return_inverse=True)
    keys = number * (len(number) + 1) + evidence
    _, same, count = np.unique(keys, return_inverse=True, return_counts=True)
    others: Numbers = count[same] - 1
    return others


def _groups(
    book: Book, positions: Numbers, margin: npt.NDArray[np.float64], others: Numbers | None = None
) -> list[Group]:
    pairs = book.pairs
    alternatives = np.zeros(len(positions), np.int64) if others is None else others
    return [
        Group(
            "fuzzy",
            (payment,),
            (document,),
            pool_size,
            alternatives=alternative,
            weight=weight,
            margin=None if np.isnan(loss) else loss,
        )
        for payment, document, pool_size, alternative, weight, loss in zip(
            pairs.payment[positions].tolist(),
            pairs.document[positions].tolist(),
            pairs.candidate_count[positions].tolist(),
            alternatives.tolist(),
            pairs.weight[positions].tolist(),
            margin.tolist(),
            strict=True,
        )
    ]
