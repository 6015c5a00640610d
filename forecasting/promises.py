"""How often customers keep their promises to pay: by the rule of ``fct_promises``, until the promised day."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forecasting.book import Book, Known, flags, numbers
from forecasting.days import Bools, Floats, Ints, day_numbers

FIRST_GUESS: Final = 0.6
GUESS_WEIGHT: Final = 5.0
"""Promises that the first guess of the share kept counts for, and the company's share in a customer's."""


@dataclass(frozen=True)
class PromisesMade:
    """Promises of the book's customers: ``customer`` and ``until`` of each; what it is of; what was settled of it."""

    customer: Ints
    until: Ints
    item_of: Ints
    entered: Ints
    promised: Ints
    settled_of: Ints
    settled_on: Ints
    paid: Ints
    released: Ints
    is_booked: Bools
    returned_on: Ints

    @classmethod
    def of(cls, book: Book, promises: pa.Table, settlements: pa.Table) -> Self:
        """The promises of ``PROMISES``, as ``PROMISE_SETTLEMENTS`` tell."""
        promises = promises.filter(pc.invert(promises["is_carried_on"]))
        promises = promises.filter(pc.is_in(promises["third_party_id"], value_set=book.customer_ids))
        ids = promises["promise_id"].unique()
        settlements = settlements.filter(pc.is_in(settlements["promise_id"], value_set=ids))
        item_of = numbers(pc.index_in(promises["promise_id"], value_set=ids))
        _, first = np.unique(item_of, return_index=True)
        return cls(
            numbers(pc.index_in(promises["third_party_id"], value_set=book.customer_ids))[first],
            day_numbers(promises["promised_date"])[first],
            item_of,
            day_numbers(promises["entry_date"]),
            numbers(promises["promised_amount"]),
            numbers(pc.index_in(settlements["promise_id"], value_set=ids)),
            day_numbers(settlements["effective_date"]),
            numbers(settlements["paid_amount"]),
            numbers(settlements["released_amount"]),
            flags(settlements["is_booked"]),
            day_numbers(settlements["returned_date"]),
        )

    def reliability(self, book: Book, known: Known) -> Floats:
        """The share of its promises that each customer keeps, as far as the books tell at a date, shrunk towards
        everybody's. Of a promise that is kept in part, that part counts."""
        promised = self._sums(self.item_of, self.promised, self.entered <= known.origin)
        in_time = (self.settled_on <= self.until[self.settled_of]) & ~(self.returned_on <= known.origin)
        in_time &= self.is_booked | (known.origin == book.own_date)
        due = promised - self._sums(self.settled_of, self.released, in_time)
        paid = self._sums(self.settled_of, self.paid, in_time)
        kept = np.where(due > 0, np.minimum(paid / np.maximum(due, 1), 1), 1.0)
        company_of = np.zeros(book.customers, np.int64)
        company_of[book.customer] = book.company[book.scope]
        books_until = book.books_until(known.origin)[company_of[self.customer]]
        is_over = (self.until < known.origin) & (self.until <= books_until) & (promised > 0)
        everybody = (kept[is_over].sum() + GUESS_WEIGHT * FIRST_GUESS) / (is_over.sum() + GUESS_WEIGHT)
        customer = self.customer[is_over]
        of_customer = np.bincount(customer, kept[is_over], book.customers) + GUESS_WEIGHT * everybody
        share: Floats = of_customer / (np.bincount(customer, minlength=book.customers) + GUESS_WEIGHT)
        return share

    def _sums(self, promise: Ints, amounts: Ints, chosen: Bools) -> Floats:
        sums: Floats = np.bincount(promise[chosen], amounts[chosen], len(self.until)).astype(np.float64)
        return sums
