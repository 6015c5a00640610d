"""Two simple forecasts to be measured against: paid at the due date, and as late as the customer usually is."""

import numpy as np

from forecasting.book import Book, Known, summed
from forecasting.days import WEEKS_AHEAD, Ints


def at_due_date(book: Book, known: Known, first_day: int) -> Ints:
    """Scopes × weeks, were each item paid on its due date; what is overdue already is expected no more."""
    return _by_week(book, known, book.due[known.item], first_day)


def at_average_lateness(book: Book, known: Known, first_day: int) -> Ints:
    """The same, were each item paid its customer's average days after its due date, to the day.

    The average is over the payments known at the date; everybody's where a customer has none.
    """
    payments = known.exits.where(known.exits.is_payment)
    customer = book.customer[payments.item]
    late = payments.day - book.due[payments.item]
    count = np.bincount(customer, minlength=book.customers)
    everybody = late.mean() if len(late) else 0.0
    total = np.bincount(customer, late, book.customers)
    average = np.where(count > 0, total / np.maximum(count, 1), everybody)
    usual = np.rint(average[book.customer[known.item]]).astype(np.int64)
    return _by_week(book, known, book.due[known.item] + usual, first_day)


def _by_week(book: Book, known: Known, day: Ints, first_day: int) -> Ints:
    week = (day - first_day) // 7
    ahead = (day > known.origin) & (week < WEEKS_AHEAD)
    cell = book.scope[known.item[ahead]] * WEEKS_AHEAD + week[ahead]
    return summed(cell, known.amount[ahead], len(book.scopes) * WEEKS_AHEAD).reshape(-1, WEEKS_AHEAD)
