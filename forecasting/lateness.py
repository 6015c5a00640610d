"""How late customers pay: the chance, on each paying day, that what is still open is paid.

Each invoice counts one, and a part of it for that part. It is at risk from its entry to its payment; what is open, or
left by another way than a payment, is at risk until then and tells no payment (censored). A customer's chances are its
own record, shrunk towards the types of payer that the record shows.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_array

from forecasting.days import Floats, Ints

EDGES: Final = np.concatenate(
    [
        np.arange(-120, -45, 5),
        np.arange(-45, 60),
        np.arange(60, 120, 3),
        np.arange(120, 200, 10),
        np.arange(200, 420, 30),
    ]
).astype(np.int64)
"""First day of each span of lateness, in paying days after the day waited for. Days tell most around that day."""

BINS: Final = len(EDGES)
WIDTHS: Final = np.append(np.diff(EDGES), 60).astype(np.float64)
"""The last span has no end; its width says only how much it weighs."""

_BIN_OF: Final = np.searchsorted(EDGES, np.arange(EDGES[0], EDGES[-1] + 1), side="right") - 1

TYPES: Final = 8
"""Types of payer looked for; fewer where there are fewer than two customers with a payment for each."""

ROUNDS: Final = 10
FIRST_GUESS: Final = np.select([EDGES < 0, EDGES < 60, EDGES < 180], [0.01, 0.04, 0.02], 0.006)
"""The chance per day before there is any record."""

NEAR: Final = 5
GUESS_WEIGHT: Final = 2.0
NEAR_WEIGHT: Final = 10.0
COMPANY_WEIGHT: Final = 3.0
TYPE_WEIGHT: Final = 10.0
"""Invoices at risk that the first guess counts for among the spans around one, these in a span, all customers together
in a type, a type in a customer."""


@dataclass(frozen=True)
class Record:
    """``paid`` and ``at_risk`` (invoice-days): customers × spans; ``left``: by another way than a payment, per span."""

    paid: Floats
    at_risk: Floats
    left: Floats


def record(
    customer: Ints, customers: int, entered: Ints, until: Ints, paid: Floats, left: Floats, weight: Floats
) -> Record:
    """What each invoice, or part of one, tells. ``entered`` and ``until``: its first and last day at risk, as lateness.

    ``paid`` and ``left``: 1 where that last day is a payment, or another way out. ``weight``: the part of an invoice.
    """
    start = np.maximum(entered, EDGES[0])
    end = np.maximum(until + 1, start)
    first, last = _bin(start), _bin(end)
    # Whole spans from the first to the one before the last, less what lies before the start, more what the last holds.
    begun = _summed(customer, first, weight, customers) - _summed(customer, last, weight, customers)
    at_risk = begun.cumsum(axis=1) * WIDTHS
    at_risk -= _summed(customer, first, weight * (start - EDGES[first]), customers)
    at_risk += _summed(customer, last, weight * (end - EDGES[last]), customers)
    ends = _bin(np.maximum(until, EDGES[0]))
    return Record(
        _summed(customer, ends, weight * paid, customers),
        np.maximum(at_risk, 0.0),
        _summed(np.zeros_like(ends), ends, weight * left, 1)[0],
    )


def _summed(customer: Ints, span: Ints, weight: Floats, customers: int) -> Floats:
    total: Floats = np.bincount(customer * BINS + span, weight, customers * BINS).astype(np.float64)
    return total.reshape(customers, BINS)


def _bin(lateness: Ints) -> Ints:
    found: Ints = _BIN_OF[np.minimum(lateness, EDGES[-1]) - EDGES[0]]
    return found


@dataclass(frozen=True)
class Curves:
    """Per customer and span: the chance of payment and of any way out on a day, and, at the start of the span, what is
    still open and what was paid until then."""

    paid_chance: Floats
    way_out_chance: Floats
    still_open: Floats
    paid_so_far: Floats

    def between(self, customer: Ints, lateness: Ints) -> Floats:
        """The chance that each item, open before the first of its days, is paid from one day to before the next.

        ``lateness`` has a row per item, ascending days in its columns; the result has a column less.
        """
        lateness = np.maximum(lateness, EDGES[0])
        # In the last span a day is like any other: where all days lie in it, the first one may be its first.
        lateness = lateness - np.maximum(lateness[:, :1] - EDGES[-1], 0)
        span = _bin(lateness)
        cell = customer[:, None] * BINS + span
        out = self.way_out_chance.ravel()[cell]
        at_start = self.still_open.ravel()[cell]
        still_open = at_start * (1 - out) ** (lateness - EDGES[span])
        share = self.paid_chance.ravel()[cell] / out
        paid = self.paid_so_far.ravel()[cell] + share * (at_start - still_open)
        chances: Floats = np.diff(paid, axis=1) / still_open[:, :1]
        return np.clip(chances, 0.0, 1.0)


def curves(known: Record) -> Curves:
    """Each customer's chances, from its own record shrunk towards the types of payer."""
    chance = _own(known)
    left = known.left / (known.at_risk.sum(axis=0) + GUESS_WEIGHT * WIDTHS)
    out = np.clip(chance + left, 1e-7, 0.99)
    chance = np.minimum(chance, out)
    staying = (1 - out) ** WIDTHS
    still_open = np.maximum(np.cumprod(staying, axis=1), 1e-200)
    at_start = np.hstack([np.ones((len(chance), 1)), still_open[:, :-1]])
    paid = np.cumsum(chance / out * at_start * (1 - staying), axis=1)
    return Curves(chance, out, at_start, np.hstack([np.zeros((len(chance), 1)), paid[:, :-1]]))


def _own(known: Record) -> Floats:
    """Chances of payment per customer and span."""
    paid, at_risk = known.paid, known.at_risk
    company = _of_everybody(paid.sum(axis=0), at_risk.sum(axis=0))
    belongs = _sorted_by_lateness(paid)
    # Who has nothing at risk yet is nobody's example.
    is_known = at_risk.sum(axis=1) > 0
    # Sparse: few spans of a customer hold anything. And its products take no threads, which cost more than they bring.
    payments, waits = csr_array(paid), csr_array(np.maximum(at_risk - paid, 0))
    for _ in range(ROUNDS):
        paid_of_type = (payments.T @ belongs).T
        of_type = (paid_of_type + COMPANY_WEIGHT * company * WIDTHS) / (
            paid_of_type + (waits.T @ belongs).T + COMPANY_WEIGHT * WIDTHS
        )
        of_type = np.clip(of_type, 1e-7, 0.98)
        frequency = belongs[is_known].sum(axis=0) + 1
        likelihood = payments @ np.log(of_type).T + waits @ np.log1p(-of_type).T
        likelihood += np.log(frequency / frequency.sum())
        belongs = np.exp(likelihood - likelihood.max(axis=1, keepdims=True))
        belongs /= belongs.sum(axis=1, keepdims=True)
    # The longer an invoice is open, the more its payer looks like a slow one.
    passed = np.cumsum(np.log1p(-of_type) * WIDTHS, axis=1)
    still_open = np.exp(np.hstack([np.zeros((len(of_type), 1)), passed[:, :-1]]))
    weights = np.einsum("ct,tb->cb", belongs, still_open)
    expected = np.einsum("ct,tb->cb", belongs, still_open * of_type) / np.maximum(weights, 1e-300)
    own: Floats = (paid + TYPE_WEIGHT * expected * WIDTHS) / (at_risk + TYPE_WEIGHT * WIDTHS)
    return np.clip(own, 1e-7, 0.98)


def _of_everybody(paid: Floats, at_risk: Floats) -> Floats:
    """Chances of payment per span, all customers together: where few were at risk, those of the spans around it."""
    of_near = (_around(paid) + GUESS_WEIGHT * FIRST_GUESS * WIDTHS) / (
        _around(at_risk) + GUESS_WEIGHT * WIDTHS
    )
    chances: Floats = (paid + NEAR_WEIGHT * of_near * WIDTHS) / (at_risk + NEAR_WEIGHT * WIDTHS)
    return chances


def _around(of_spans: Floats) -> Floats:
    """The sum of each span and ``NEAR`` others on either side."""
    sums: Floats = np.convolve(of_spans, np.ones(2 * NEAR + 1))[NEAR:-NEAR]
    return sums


def _sorted_by_lateness(paid: Floats) -> Floats:
    """A first guess of who belongs to which type: customers by their average lateness, in types of the same size."""
    payments = paid.sum(axis=1)
    is_known = payments > 0
    types = int(np.clip(np.count_nonzero(is_known) // 2, 1, TYPES))
    belongs = np.full((len(paid), types), 1 / types)
    if types > 1:
        # Rounded, lest the order of sums tells on which side of a bound an average is.
        average = np.round((paid[is_known] * (EDGES + WIDTHS / 2)).sum(axis=1) / payments[is_known], 6)
        bounds = np.quantile(average, np.arange(1, types) / types, method="higher")
        belongs[is_known] = np.eye(types)[np.searchsorted(bounds, average)]
    return belongs
