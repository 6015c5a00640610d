"""Natural sets: what was deposited, booked or sent together, and is one amount on the other side.

A set is the documents of one deposit slip, or the payments of one batch; in a large pool also what falls in one
calendar month, and the whole balance, as people pay by statement. Its total is compared with the single rows and the
sets of the other side.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from reconciliation.claims import Claim, Group, Members
from reconciliation.combinations import LARGEST_SEARCH, MINOR_UNITS, NEIGHBOURHOOD, NEIGHBOURS
from reconciliation.pools import Book, Flags, Numbers, Rows

MOST_EQUAL: Final = 64
"""Rows and sets of one side with the same total in a pool, beyond which nobody can tell them apart."""


def bundled(book: Book) -> list[Claim]:
    """What the rows of one ``bundle_id`` add up to, on either side."""
    payments = _units(book.free_rows(book.payments), lambda rows: [rows.bundle])
    documents = _units(book.free_rows(book.documents), lambda rows: [rows.bundle])
    return [claim for _, claim in _equal_totals(book, "bundle", payments, documents)]


def periods(book: Book, pools: Flags) -> Iterator[tuple[int, Claim]]:
    """What the documents of a calendar month, or all, of a pool with many add up to, with its pool."""
    payments, documents = book.free_rows(book.payments), book.free_rows(book.documents)
    is_large = pools & (np.bincount(documents.pool, minlength=len(pools)) > LARGEST_SEARCH)
    payments, documents = payments.where(is_large[payments.pool]), documents.where(is_large[documents.pool])
    yield from _equal_totals(
        book,
        "run",
        _units(payments, lambda _: []),
        _units(documents, lambda rows: [_month(rows.day), np.zeros(len(rows), np.int64)]),
    )


def _month(days: Numbers) -> Numbers:
    months: Numbers = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months


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


def _equal_totals(book: Book, rule: str, payments: _Units, documents: _Units) -> Iterator[tuple[int, Claim]]:
    """The pool and the claim of each row and each set that equals a set of the other side."""
    _, amount = np.unique(np.concatenate([payments.total, documents.total]), return_inverse=True)
    amount_count = int(amount.max(initial=0)) + 1
    payment_key = payments.pool * amount_count + amount[: len(payments.total)]
    document_key = documents.pool * amount_count + amount[len(payments.total) :]
    keys = np.intersect1d(payment_key, document_key)
    is_set = np.union1d(payment_key[payments.size > 1], document_key[documents.size > 1])
    keys = keys[np.isin(keys, is_set)]
    crowds = (
        _Crowd(documents, book.window.days_after, book.window.days_before),
        _Crowd(payments, *book.window),
    )
    for of_payment, of_document in zip(
        _with_key(payment_key, keys), _with_key(document_key, keys), strict=True
    ):
        if max(len(of_payment), len(of_document)) <= MOST_EQUAL:
            for claim in _claims(book, rule, (payments, of_payment), (documents, of_document), crowds):
                yield int(payments.pool[of_payment[0]]), claim


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
        cents = np.mod(units.total, MINOR_UNITS)
        self._lane = units.pool * MINOR_UNITS + cents
        self._order = np.lexsort((units.total, self._lane))
        self._lane, self._total = self._lane[self._order], units.total[self._order]
        self._totals = np.sort(units.total)
        by_day = np.lexsort((units.first_day, units.pool))
        self._pool, self._day = units.pool[by_day], units.first_day[by_day]

    def around(self, pool: int, total: int, day: int) -> tuple[int, float]:
        """How many units are reached from a day, and ``accidents`` of a unit of this total among them."""
        lane = pool * MINOR_UNITS + total % MINOR_UNITS
        start, end = np.searchsorted(self._lane, lane, "left"), np.searchsorted(self._lane, lane, "right")
        distance = NEIGHBOURHOOD * MINOR_UNITS
        lower = start + np.searchsorted(self._total[start:end], total - distance, "left")
        upper = start + np.searchsorted(self._total[start:end], total + distance, "right")
        is_near = (self._total[lower:upper] != total) & self._is_reached(self._order[lower:upper], day)
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
        return reached, int(is_near.sum()) / NEIGHBOURS + reached * frequency

    def _is_reached(self, units: Numbers, day: int) -> Flags:
        days = self._units.first_day[units]
        is_reached: Flags = (days >= day - self._days_back) & (days <= day + self._days_ahead)
        return is_reached


def _claims(
    book: Book,
    rule: str,
    payments: tuple[_Units, Numbers],
    documents: tuple[_Units, Numbers],
    crowds: tuple[_Crowd, _Crowd],
) -> Iterator[Claim]:
    """The claims of rows and sets of one pool and total."""
    groups: dict[Members, Group] = {}
    before, after = book.window
    of_payments, of_documents = payments[0], documents[0]
    for payment in payments[1].tolist():
        for document in documents[1].tolist():
            is_single = of_payments.size[payment] == 1 and of_documents.size[document] == 1
            is_early = of_payments.first_day[payment] < of_documents.last_day[document] - before
            is_late = of_payments.last_day[payment] > of_documents.first_day[document] + after
            members = of_payments.of(payment), of_documents.of(document)
            if is_early or is_late or not book.may_be_together(members[0] + members[1]):
                continue
            pool, total = int(of_documents.pool[document]), int(of_documents.total[document])
            if is_single:
                groups[members] = Group(rule, *members, 0)
            elif of_documents.size[document] > 1:
                around = crowds[0].around(pool, total, int(of_payments.first_day[payment]))
                groups[members] = Group(rule, *members, *around)
            else:
                around = crowds[1].around(pool, total, int(of_documents.first_day[document]))
                groups[members] = Group(rule, *members, *around)
    for group in groups.values():
        yield Claim(1, (group,))
