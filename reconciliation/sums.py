"""Payments that settle several documents, and documents that several payments settle, found by their sums.

``named``: among the documents that a payment names. ``unnamed``: among all of its pool and window.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from reconciliation.claims import Claim, Group
from reconciliation.combinations import (
    LARGEST_SEARCH,
    MINOR_UNITS,
    NEIGHBOURHOOD,
    NEIGHBOURS,
    combinations_reaching,
    expanded,
    runs_reaching,
)
from reconciliation.pools import Book, Flags, Numbers, Rows

LARGEST_RUN_SEARCH: Final = 500
"""Candidates among which runs are searched; the runs of more reach any amount by accident."""

_CANDIDATES_AT_ONCE: Final = 2_000_000
"""Candidates held in memory at once."""


def named(book: Book) -> list[Claim]:
    """What the documents that a payment names, two at least, add up to; credit notes of its pool may join."""
    payments, documents = book.free_rows(book.payments), book.free_rows(book.documents)
    pairs, is_named = book.pairs, book.free_pairs() & book.pairs.is_named
    name_count = np.bincount(pairs.payment[is_named], minlength=len(book.ids))
    payments = payments.where(name_count[payments.object_number] >= 2)
    # A document may stand in several pools: its first row speaks for it.
    row_of = np.full(len(book.ids), -1, np.int64)
    row_of[documents.object_number[::-1]] = np.arange(len(documents))[::-1]
    is_named &= row_of[pairs.document] >= 0
    naming, named_row = pairs.payment[is_named], row_of[pairs.document[is_named]]
    first = np.searchsorted(naming, payments.object_number, "left")
    last = np.searchsorted(naming, payments.object_number, "right")
    search, position = expanded(first, last - first)
    named_items = named_row[position]

    credit_rows = np.flatnonzero(documents.amount < 0)
    first, last = book.in_window(payments, documents.where(credit_rows), of_payments=True)
    credit_search, position = expanded(first, np.where(last - first <= LARGEST_SEARCH, last - first, 0))
    is_named_item = np.repeat([True, False], [len(search), len(credit_search)])
    search = np.concatenate([search, credit_search])
    items = np.concatenate([named_items, credit_rows[position]])
    # A credit note that is named is in both lists; the first mention counts.
    _, once = np.unique(search * (len(documents) + 1) + items, return_index=True)
    candidates = _Candidates(search[once], items[once], is_named_item[once])
    found = _claims(book, "reference_combination", payments, documents, candidates, of_payments=True)
    return [claim for _, claim in found]


def unnamed(book: Book, pools: Flags) -> Iterator[tuple[int, Claim]]:
    """What the candidates in the pool and window of each payment, and of each document, add up to, with its pool.

    ``pools`` says which pools are searched. Groups of one payment and one document are counted like any other.
    """
    payments = book.free_rows(book.payments)
    documents = book.free_rows(book.documents)
    payments, documents = payments.where(pools[payments.pool]), documents.where(pools[documents.pool])
    several = np.bincount(payments.pool, minlength=len(pools)) > 1
    yield from _searched(book, payments, documents, of_payments=True)
    yield from _searched(
        book,
        documents.where(several[documents.pool]),
        payments.where(several[payments.pool]),
        of_payments=False,
    )


def _searched(book: Book, targets: Rows, items: Rows, *, of_payments: bool) -> Iterator[tuple[int, Claim]]:
    first, last = book.in_window(targets, items, of_payments=of_payments)
    size = np.where(last - first <= LARGEST_RUN_SEARCH, last - first, 0)
    searched = np.flatnonzero(size)
    parts = np.cumsum(size[searched]) // _CANDIDATES_AT_ONCE
    for part in np.split(searched, np.flatnonzero(np.diff(parts)) + 1):
        search, position = expanded(first[part], size[part])
        candidates = _Candidates(search, position, np.zeros(len(search), np.bool_))
        yield from _claims(
            book, "combination", targets.where(part), items, candidates, of_payments=of_payments
        )


@dataclass(frozen=True)
class _Candidates:
    """For each search (the number of its target) the rows of its items; ``is_named`` where the target names the item,
    which is then not there by accident."""

    search: Numbers
    item: Numbers
    is_named: Flags

    def where(self, wanted: Flags | Numbers) -> "_Candidates":
        return _Candidates(self.search[wanted], self.item[wanted], self.is_named[wanted])


def _claims(
    book: Book, rule: str, targets: Rows, items: Rows, candidates: _Candidates, *, of_payments: bool
) -> Iterator[tuple[int, Claim]]:
    """The pool and the claim of each target that its candidates reach."""
    candidates = candidates.where(
        book.may_meet(targets.object_number[candidates.search], items.object_number[candidates.item])
    )
    crowd = np.bincount(candidates.search[~candidates.is_named], minlength=len(targets))
    candidates = _that_can_take_part(targets.amount, items.amount, candidates)
    due_order = np.empty(len(items), np.int64)
    due_order[np.lexsort((items.object_number, items.due_day))] = np.arange(len(items))
    order = np.argsort(candidates.search * (len(items) + 1) + due_order[candidates.item])
    candidates = candidates.where(order)

    size = np.bincount(candidates.search, minlength=len(targets))
    first = np.cumsum(size) - size
    for found in _found(targets.amount, items.amount, candidates.item, first, size):
        replaceable = np.where(candidates.is_named, 0.0, items.frequency[candidates.item])
        target = int(targets.object_number[found.search])
        found_by = "run" if found.is_run and rule == "combination" else rule
        groups = []
        for positions in found.listed:
            chosen = first[found.search] + positions
            if rule == "reference_combination" and not candidates.is_named[chosen].any():
                continue
            others = tuple(sorted(items.object_number[candidates.item[chosen]].tolist()))
            if book.may_be_together((target, *others)):
                accidents = found.near / NEIGHBOURS + int(crowd[found.search]) * float(
                    replaceable[chosen].sum()
                )
                payments, documents = ((target,), others) if of_payments else (others, (target,))
                groups.append(Group(found_by, payments, documents, int(size[found.search]), accidents))
        refused = len(found.listed) - len(groups)
        if groups:
            yield int(targets.pool[found.search]), Claim(found.count - refused, tuple(groups))


def _that_can_take_part(targets: Numbers, amounts: Numbers, candidates: _Candidates) -> _Candidates:
    """Without the items that are too large for their target, whatever the others: they are in no sum near it."""
    amount, target = amounts[candidates.item], targets[candidates.search]
    credits, debts = np.zeros(len(targets), np.int64), np.zeros(len(targets), np.int64)
    np.add.at(credits, candidates.search, np.minimum(amount, 0))
    np.add.at(debts, candidates.search, np.maximum(amount, 0))
    reach = NEIGHBOURHOOD * MINOR_UNITS
    is_within = np.where(
        amount > 0,
        amount + credits[candidates.search] <= target + reach,
        amount + debts[candidates.search] >= target - reach,
    )
    return candidates.where(is_within)


@dataclass(frozen=True)
class _Found:
    """What one search found: ``listed`` are positions among its candidates."""

    search: int
    count: int
    near: int
    listed: list[Numbers]
    is_run: bool


def _found(
    targets: Numbers, amounts: Numbers, item: Numbers, first: Numbers, size: Numbers
) -> Iterator[_Found]:
    """The searches that reach their target; the items of each stand together, in order of due date."""
    for length in range(1, LARGEST_SEARCH + 1):
        searches = np.flatnonzero(size == length)
        if not len(searches):
            continue
        rows = item[first[searches][:, None] + np.arange(length)]
        reached = combinations_reaching(amounts[rows], targets[searches])
        order = np.argsort(reached.search, kind="stable")
        members = reached.members[order]
        ends = np.cumsum(np.bincount(reached.search, minlength=len(searches)))
        for number in np.flatnonzero(reached.count).tolist():
            start = int(ends[number - 1]) if number else 0
            listed = [_bits(mask, length) for mask in members[start : ends[number]].tolist()]
            yield _Found(
                int(searches[number]), int(reached.count[number]), int(reached.near[number]), listed, False
            )
    for search in np.flatnonzero(size > LARGEST_SEARCH).tolist():
        rows = item[first[search] : first[search] + size[search]]
        runs = runs_reaching(amounts[rows], int(targets[search]))
        if runs.count:
            listed = [np.arange(start, end) for start, end in runs.listed]
            yield _Found(search, runs.count, runs.near, listed, True)


def _bits(mask: int, length: int) -> Numbers:
    return np.array([bit for bit in range(length) if mask >> bit & 1], np.int64)
