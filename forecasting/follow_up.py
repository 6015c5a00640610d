"""Disputes and promises as evidence: what is contested waits, what is promised comes on the day or as it would have."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forecasting.book import Book, Known, numbers, rows_of
from forecasting.days import Ints, PayingDays, day_numbers, week_starts
from forecasting.promises import PromisesMade


@dataclass(frozen=True)
class FollowUp:
    """Disputes and promises with days as numbers; items are rows of the book's."""

    disputed_item: Ints
    opened_on: Ints
    closed_on: Ints
    disputed: Ints
    promised_item: Ints
    promised_on: Ints
    promised_date: Ints
    promised: Ints
    owed: Ints
    made: PromisesMade

    @classmethod
    def of(cls, book: Book, disputes: pa.Table, promises: pa.Table, settlements: pa.Table) -> Self:
        """The facts of ``DISPUTES`` and ``PROMISES`` that are about items of the book, and all promises as kept."""
        made = PromisesMade.of(book, promises, settlements)
        ids = book.items["item_id"]
        disputes = disputes.filter(pc.is_in(disputes["item_id"], value_set=ids))
        promises = promises.filter(pc.is_in(promises["item_id"], value_set=ids))
        return cls(
            rows_of(book.items, disputes["item_id"]),
            day_numbers(disputes["opened_on"]),
            day_numbers(disputes["closed_on"]),
            numbers(disputes["disputed_amount"]),
            rows_of(book.items, promises["item_id"]),
            day_numbers(promises["promised_on"]),
            day_numbers(promises["promised_date"]),
            numbers(promises["promised_amount"]),
            numbers(promises["owed_amount"]),
            made,
        )

    def contested(self, known: Known, items: int) -> Ints:
        """What is in dispute of each item at a date, whatever is open of it."""
        lasts = (self.opened_on <= known.origin) & (self.closed_on > known.origin)
        return np.rint(np.bincount(self.disputed_item[lasts], self.disputed[lasts], items)).astype(np.int64)

    def in_force(self, known: Known, days: PayingDays) -> tuple[Ints, Ints, Ints]:
        """What is promised at a date of each open item, by the promise made last: rows of ``known``, weeks, amounts.

        What was paid of an item since was paid of its promise first. The week is the one of the first paying day
        that is not before the promised date, 0 the first.
        """
        rows = np.flatnonzero((self.promised_on <= known.origin) & (self.promised_date >= known.origin))
        rows = rows[np.lexsort((self.promised_date[rows], self.promised_on[rows], self.promised_item[rows]))]
        item = self.promised_item[rows]
        rows = rows[np.append(item[1:] != item[:-1], True)] if len(rows) else rows
        place = np.searchsorted(known.item, self.promised_item[rows])
        is_open = place < len(known.item)
        is_open[is_open] = known.item[place[is_open]] == self.promised_item[rows[is_open]]
        rows, place = rows[is_open], place[is_open]
        amount = self.promised[rows] - np.maximum(self.owed[rows] - known.amount[place], 0)
        comes_on = days.next(np.maximum(self.promised_date[rows], known.origin + 1))
        week = (comes_on - week_starts(known.origin)[0]) // 7
        return place[amount > 0], week[amount > 0], amount[amount > 0]
