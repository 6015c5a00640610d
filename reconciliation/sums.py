"""Payments that settle several documents, and documents that several payments settle, found by their sums.

``named``: among the documents that a payment names. ``unnamed``: among all of its pool and window.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from reconciliation.combinations import (
    LARGEST_SEARCH,
    MINOR_UNITS,
    NEIGHBOURHOOD,
    NEIGHBOURS,
    combinations_reaching,
    expanded,
    runs_reaching,
)
from reconciliation.groups import Group
from reconciliation.pools import Book, Flags, Numbers, Rows

LARGEST_RUN_SEARCH: Final = 500
"""Candidates among which runs are searched; the runs of more reach any amount by accident."""

_CANDIDATES_AT_ONCE: Final = 2_000_000
"""Candidates held in memory at once."""


def named(book: Book) -> list[Group]:
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
    return _reaching(book, "reference_combination", payments, documents, candidates, of_payments=True)


def unnamed(book: Book, pools: Flags) -> list[Group]:
    """What the candidates in the pool and window of each payment, and of each document, add up to.

    ``pools`` says which pools are searched. Groups of one payment and one document are counted like any other.
    """
    payments = book.free_rows(book.payments)
    payments = payments.where(pools[payments.pool])
    payment_count = np.bincount(payments.pool, minlength=len(pools))
    documents = book.free_rows(book.documents)
    documents = documents.where(payment_count[documents.pool] > 0)
    return [
        *_searched(book, payments, documents, of_payments=True),
        *_searched(
            book,
            documents.where(payment_count[documents.pool] > 1),
            payments.where(payment_count[payments.pool] > 1),
            of_payments=False,
        ),
    ]


def _searched(book: Book, targets: Rows, items: Rows, *, of_payments: bool) -> list[Group]:
    first, last = book.in_window(targets, items, of_payments=of_payments)
    size = np.where(last - first <= LARGEST_RUN_SEARCH, last - first, 0)
    searched = np.flatnonzero(size)
    parts = np.cumsum(size[searched]) // _CANDIDATES_AT_ONCE
    groups: list[Group] = []
    for part in np.split(searched, np.flatnonzero(np.diff(parts)) + 1):
        search, position = expanded(first[part], size[part])
        candidates = _Candidates(search, position, np.zeros(len(search), np.bool_))
        groups += _reaching(
            book, "combination", targets.where(part), items, candidates, of_payments=of_payments
        )
    return groups


@dataclass(frozen=True)
class _Candidates:
    """For each search (the number of its target) the rows of its items; ``is_named`` where the target names the item,
    which is then not there by accident."""

    search: Numbers
    item: Numbers
    is_named: Flags

    def where(self, wanted: Flags | Numbers) -> "_Candidates":
        return _Candidates(self.search[wanted], self.item[wanted], self.is_named[wanted])


def _reaching(
    book: Book, rule: str, targets: Rows, items: Rows, candidates: _Candidates, *, of_payments: bool
) -> list[Group]:
    """The groups of each target and those of its candidates that add up to it.

    Runs are of documents alone: people pay what falls due together, while payments that come one after the other have
    nothing in common.
    """
    candidates = candidates.where(
        book.may_meet(targets.object_number[candidates.search], items.object_number[candidates.item])
    )
    crowd = np.bincount(candidates.search[~candidates.is_named], minlength=len(targets))
    candidates = _that_can_take_part(targets.amount, items.amount, candidates)
    due_order = np.empty(len(items), np.int64)
    due_order[np.lexsort((items.object_number, items.place, items.due_day))] = np.arange(len(items))
    candidates = candidates.where(
        np.argsort(candidates.search * (len(items) + 1) + due_order[candidates.item])
    )
    pool_size = np.bincount(candidates.search, minlength=len(targets))
    sums = _sums(targets.amount, items.amount[candidates.item], pool_size)
    if not len(sums.search):
        return []

    has_runs = of_payments and book.window.of_claims
    replaceable = np.where(candidates.is_named, 0.0, items.frequency[candidates.item])
    accidents = sums.near / NEIGHBOURS + crowd[sums.search] * np.add.reduceat(
        replaceable[sums.chosen], sums.start
    )
    others = sums.members(items.object_number[candidates.item])
    objects = targets.object_number[sums.search].tolist()
    is_possible = np.array(
        [book.may_be_together((target, *members)) for target, members in zip(objects, others, strict=True)]
    )
    if rule == "reference_combination":
        is_possible &= np.logical_or.reduceat(candidates.is_named[sums.chosen], sums.start)
    refused = np.bincount(sums.search[~is_possible], minlength=len(targets))
    alternatives = sums.count - 1 - refused[sums.search]
    return [
        Group(
            "run" if is_run and rule == "combination" else rule,
            (target,) if of_payments else members,
            members if of_payments else (target,),
            size,
            chance,
            alternative,
        )
        for target, members, is_run, size, chance, alternative, possible in zip(
            objects,
            others,
            (pool_size[sums.search] > LARGEST_SEARCH).tolist(),
            pool_size[sums.search].tolist(),
            accidents.tolist(),
            alternatives.tolist(),
            is_possible.tolist(),
            strict=True,
        )
        if possible and (has_runs or not is_run or rule != "combination")
    ]


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
class _Sums:
    """Groups of candidates that reach the target of their search; ``count`` and ``near`` are those of the search.

    ``size`` says how many of ``chosen``, positions of candidates, each group has: they stand in its order.
    """

    search: Numbers
    count: Numbers
    near: npt.NDArray[np.float64]
    size: Numbers
    chosen: Numbers

    @property
    def start(self) -> Numbers:
        """Where the candidates of each group begin."""
        return np.cumsum(self.size) - self.size

    def members(self, numbers: Numbers) -> list[tuple[int, ...]]:
        """The numbers of the candidates of each group, in order."""
        group = np.repeat(np.arange(len(self.size)), self.size)
        chosen = numbers[self.chosen]
        ordered = chosen[np.lexsort((chosen, group))].tolist()
        ends = np.cumsum(self.size).tolist()
        return [tuple(ordered[start:end]) for start, end in zip([0, *ends], ends, strict=False)]


def _sums(targets: Numbers, amounts: Numbers, size: Numbers) -> _Sums:
    """What reaches the targets; ``size`` says how many of the amounts, which stand in its order, each search has."""
    first = np.cumsum(size) - size
    empty = np.empty(0, np.int64)
    parts = [_Sums(empty, empty, np.empty(0), empty, empty)]
    for length in range(1, LARGEST_SEARCH + 1):
        searches = np.flatnonzero(size == length)
        if len(searches):
            parts.append(_combinations(targets, amounts, searches, first[searches], length))
    for search in np.flatnonzero(size > LARGEST_SEARCH).tolist():
        runs = runs_reaching(amounts[first[search] : first[search] + size[search]], int(targets[search]))
        if runs.count:
            starts, ends = np.array(runs.listed).T
            _, chosen = expanded(first[search] + starts, ends - starts)
            each = np.ones(len(starts), np.int64)
            near = np.full(len(starts), float(runs.near))
            parts.append(_Sums(search * each, runs.count * each, near, ends - starts, chosen))
    return _Sums(*(np.concatenate([getattr(part, name) for part in parts]) for name in _Sums.__annotations__))


def _combinations(
    targets: Numbers, amounts: Numbers, searches: Numbers, first: Numbers, length: int
) -> _Sums:
    """The combinations of the searches that have ``length`` candidates."""
    columns = np.arange(length)
    reached = combinations_reaching(amounts[first[:, None] + columns], targets[searches])
    is_chosen = (reached.members[:, None] >> columns & 1).astype(np.bool_)
    group, column = np.nonzero(is_chosen)
    return _Sums(
        searches[reached.search],
        reached.count,
        reached.near,
        is_chosen.sum(axis=1),
        first[reached.search[group]] + column,
    )
