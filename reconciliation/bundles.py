"""Natural sets: what was deposited, booked or sent together, and is one amount on the other side.

A set is the documents of one deposit slip, or the payments of one batch. Where several slips were booked on one day, a
slip is some documents that the books have one after the other. In a large pool a set is also what falls in one calendar
month, and the whole balance, as people pay by statement. Its total is compared with the single rows and the sets of the
other side.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

import numpy as np

from reconciliation.combinations import (
    LARGEST_SEARCH,
    MINOR_UNITS,
    NEIGHBOURHOOD,
    NEIGHBOURS,
    near_accidents,
)
from reconciliation.groups import Group
from reconciliation.pools import Book, Flags, Numbers, Rows

MOST_OF_SLIPS: Final = 64
"""Rows of one bundle beyond which its runs reach any amount by accident."""

MOST_EQUAL: Final = 64
"""Rows and sets of one side with the same total in a pool, beyond which nobody can tell them apart."""


def bundled(book: Book) -> list[Group]:
    """What the rows of one ``bundle_id`` add up to, on either side."""
    payments = _units(book.free_rows(book.payments), lambda rows: [rows.bundle])
    documents = _units(book.free_rows(book.documents), lambda rows: [rows.bundle])
    return _equal_totals(book, "bundle", payments, documents)


def parts_of_bundles(book: Book) -> list[Group]:
    """What rows of one ``bundle_id`` add up to that the books have one after the other: one of several slips."""
    documents = book.free_rows(book.documents)
    _, bundle, size = np.unique(documents.bundle, return_inverse=True, return_counts=True)
    is_divided = (documents.bundle >= 0) & (size[bundle] > 2) & (size[bundle] <= MOST_OF_SLIPS)
    return _equal_totals(
        book,
        "bundle",
        _units(book.free_rows(book.payments), lambda _: []),
        _joined(_units(documents, lambda _: []), _runs(documents.where(is_divided))),
    )


def periods(book: Book, pools: Flags) -> list[Group]:
    """What the documents of a calendar month, or all, of a pool with many add up to."""
    if not book.window.of_claims:
        return []
    payments, documents = book.free_rows(book.payments), book.free_rows(book.documents)
    is_large = pools & (np.bincount(documents.pool, minlength=len(pools)) > LARGEST_SEARCH)
    payments, documents = payments.where(is_large[payments.pool]), documents.where(is_large[documents.pool])
    return _equal_totals(
        book,
        "run",
        _units(payments, lambda _: []),
        _units(documents, _month_and_balance),
    )


def _month_and_balance(rows: Rows) -> list[Numbers]:
    month = rows.day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    first = month[np.searchsorted(rows.pool, rows.pool, "left")]
    last = month[np.searchsorted(rows.pool, rows.pool, "right") - 1]
    # Where there is one month only, it is the balance.
    return [month, np.where(first < last, 0, -1)]


@dataclass(frozen=True)
class _Units:
    """Single rows and sets of one side. ``start`` and ``size`` say which of ``members`` (object numbers) each holds."""

    pool: Numbers
    total: Numbers
    first_day: Numbers
    last_day: Numbers
    start: Numbers
    size: Numbers
    members: Numbers

    def of(self, unit: int) -> tuple[int, ...]:
        start = self.start[unit]
        return tuple(sorted(self.members[start : start + self.size[unit]].tolist()))


def _units(rows: Rows, sets: Callable[[Rows], list[Numbers]]) -> _Units:
    """Each row alone, and the sets of two rows or more that ``sets`` numbers within the pools (-1 = in none)."""
    ones = np.arange(len(rows))
    parts = [(rows.pool, rows.amount, rows.day, rows.day, ones, np.ones(len(rows), np.int64))]
    members = [rows.object_number]
    for number in sets(rows):
        order = np.lexsort((rows.object_number, number, rows.pool))
        order = order[number[order] >= 0]
        if not len(order):
            continue
        is_new = (np.diff(rows.pool[order], prepend=-1) != 0) | (np.diff(number[order], prepend=-1) != 0)
        start = np.flatnonzero(is_new)
        size = np.diff(np.append(start, len(order)))
        several = size > 1
        totals = np.add.reduceat(rows.amount[order], start)
        parts.append(
            (
                rows.pool[order][start][several],
                totals[several],
                np.minimum.reduceat(rows.day[order], start)[several],
                np.maximum.reduceat(rows.day[order], start)[several],
                (start + sum(len(part) for part in members))[several],
                size[several],
            )
        )
        members.append(rows.object_number[order])
    pool, total, first_day, last_day, start, size = (
        np.concatenate(part) for part in zip(*parts, strict=True)
    )
    return _Units(pool, total, first_day, last_day, start, size, np.concatenate(members))


def _runs(rows: Rows) -> _Units:
    """Two rows or more of one bundle, but not all, that follow one another in the books."""
    order = np.lexsort((rows.object_number, rows.place, rows.day, rows.bundle, rows.pool))
    is_new = (np.diff(rows.pool[order], prepend=-1) != 0) | (np.diff(rows.bundle[order], prepend=-1) != 0)
    bundle_start = np.flatnonzero(is_new)
    bundle_size = np.diff(np.append(bundle_start, len(order)))
    starts, sizes = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for size in np.unique(bundle_size).tolist():
        first, end = np.triu_indices(size + 1, 2)
        is_part = end - first < size
        starts.append((bundle_start[bundle_size == size][:, None] + first[is_part]).ravel())
        sizes.append(np.tile((end - first)[is_part], int((bundle_size == size).sum())))
    start, length = np.concatenate(starts), np.concatenate(sizes)
    total_before = np.concatenate([[0], np.cumsum(rows.amount[order])])
    return _Units(
        rows.pool[order][start],
        total_before[start + length] - total_before[start],
        rows.day[order][start],
        rows.day[order][start + length - 1],
        start,
        length,
        rows.object_number[order],
    )


def _joined(one: _Units, other: _Units) -> _Units:
    shifted = replace(other, start=other.start + len(one.members))
    return _Units(
        *(np.concatenate([getattr(one, name), getattr(shifted, name)]) for name in _Units.__annotations__)
    )


def _equal_totals(book: Book, rule: str, payments: _Units, documents: _Units) -> list[Group]:
    """The groups of rows and sets whose totals are equal, where one of the pool and total is a set."""
    _, amount = np.unique(np.concatenate([payments.total, documents.total]), return_inverse=True)
    amount_count = int(amount.max(initial=0)) + 1
    payment_key = payments.pool * amount_count + amount[: len(payments.total)]
    document_key = documents.pool * amount_count + amount[len(payments.total) :]
    keys = np.intersect1d(payment_key, document_key)
    is_set = np.union1d(payment_key[payments.size > 1], document_key[documents.size > 1])
    keys = keys[np.isin(keys, is_set)]
    if not len(keys):
        return []
    around_payment = _Crowd(documents, book.window.days_after, book.window.days_before)
    around_document = _Crowd(payments, book.window.days_before, book.window.days_after)
    groups: list[Group] = []
    for payment, document in _pairs(_with_key(payment_key, keys), _with_key(document_key, keys)):
        members = payments.of(payment), documents.of(document)
        is_early = payments.first_day[payment] < documents.last_day[document] - book.window.days_before
        is_late = payments.last_day[payment] > documents.first_day[document] + book.window.days_after
        if is_early or is_late or not book.may_be_together(members[0] + members[1]):
            continue
        crowd: tuple[int, float | None]
        if documents.size[document] > 1:
            crowd = around_payment.of(documents, document, int(payments.first_day[payment]))
        elif payments.size[payment] > 1:
            crowd = around_document.of(payments, payment, int(documents.first_day[document]))
        else:
            crowd = (0, None)
        groups.append(Group(rule, *members, *crowd))
    return groups


def _pairs(payments: list[Numbers], documents: list[Numbers]) -> Iterator[tuple[int, int]]:
    for some, others in zip(payments, documents, strict=True):
        if max(len(some), len(others)) <= MOST_EQUAL:
            yield from product(some.tolist(), others.tolist())


def _with_key(key: Numbers, wanted: Numbers) -> list[Numbers]:
    """The positions of each wanted key."""
    order = np.argsort(key, kind="stable")
    first = np.searchsorted(key[order], wanted, "left")
    last = np.searchsorted(key[order], wanted, "right")
    return [order[start:end] for start, end in zip(first.tolist(), last.tolist(), strict=True)]


class _Crowd:
    """The units of one side that another reaches, and how likely one of them has its amount by accident."""

    def __init__(self, units: _Units, days_back: int, days_ahead: int) -> None:
        self._units, self._days_back, self._days_ahead = units, days_back, days_ahead
        self._by_total = np.lexsort((units.total, units.pool))
        self._total_pool, self._total = units.pool[self._by_total], units.total[self._by_total]
        self._totals = np.sort(units.total)
        by_day = np.lexsort((units.first_day, units.pool))
        self._pool, self._day = units.pool[by_day], units.first_day[by_day]

    def of(self, units: _Units, unit: int, day: int) -> tuple[int, float]:
        """How many units of its pool are reached from a day, and how many would have this one's total by accident."""
        pool, total = int(units.pool[unit]), int(units.total[unit])
        start, end = np.searchsorted(self._total_pool, [pool, pool + 1])
        distance = NEIGHBOURHOOD * MINOR_UNITS
        lower = start + np.searchsorted(self._total[start:end], total - distance, "left")
        upper = start + np.searchsorted(self._total[start:end], total + distance, "right")
        is_reached = self._is_reached(self._by_total[lower:upper], day)
        distances = self._total[lower:upper][is_reached] - total
        first, last = np.searchsorted(self._pool, [pool, pool + 1])
        days = self._day[first:last]
        reached = int(
            np.searchsorted(days, day + self._days_ahead, "right")
            - np.searchsorted(days, day - self._days_back, "left")
        )
        equal = (
            np.searchsorted(self._totals, total, "right") - np.searchsorted(self._totals, total, "left") - 1
        )
        frequency = int(equal) / max(len(self._totals) - 1, 1)
        near = near_accidents(distances[distances != 0])
        return reached, near / NEIGHBOURS + reached * frequency

    def _is_reached(self, units: Numbers, day: int) -> Flags:
        days = self._units.first_day[units]
        is_reached: Flags = (days >= day - self._days_back) & (days <= day + self._days_ahead)
        return is_reached
