"""A company at work: everything that the postings of sales, purchases and overheads share."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa

from samples.bank import BankAccount
from samples.book import Book
from samples.days import Days, Ints, working
from samples.documents import Documents
from samples.parties import Parties, Payers
from samples.profiles import Profile
from samples.rates import in_euros
from samples.scenarios import SCENARIO_INDEX


@dataclass
class Business:
    """The running state of one company.

    ``rates`` are the dollar's, from ``start``; ``paid`` gathers what each movement of ``bank`` pays: movement,
    document, cents.
    """

    profile: Profile
    parties: Parties
    payers: Payers
    rates: Ints
    rng: np.random.Generator
    start: date
    as_of: date
    book: Book
    bank: BankAccount = field(default_factory=BankAccount)
    savings: BankAccount = field(default_factory=BankAccount)
    documents: Documents = field(default_factory=Documents)
    paid: list[tuple[Ints, Ints, Ints]] = field(default_factory=list)

    def noted(self, documents: Ints, groups: Ints) -> Ints:
        """What whoever books a payment writes beside it: six in ten of ``documents``, else -1.

        Of a part that is paid people nearly always say of what.
        """
        is_part = self.book.group_scenarios[groups] == SCENARIO_INDEX["part_payment"]
        return np.where(self.rng.random(len(documents)) < np.where(is_part, 0.9, 0.6), documents, -1)

    def some_days_after(self, days: Days, lags: tuple[int, ...], shares: tuple[float, ...]) -> Days:
        """Working days a little after ``days``: each lag, in days, with its share."""
        return working(days + self.rng.choice(np.array(lags), len(days), p=shares))

    def booked(self, days: Days) -> Days:
        """When receipts of ``days`` are booked: mostly the same day.

        By the as-of date nobody has come to those of the last three days, nor to half of the last two weeks'.
        """
        usual = self.some_days_after(days, (0, 1, 2, 4, 8), (0.65, 0.18, 0.1, 0.05, 0.02))
        waits = (days > np.datetime64(self.as_of) - 14) & (self.rng.random(len(days)) < 0.5)
        waits |= days > np.datetime64(self.as_of) - 3
        return np.where(waits, working(days + 15), usual)

    def draw_amounts(self, median: int, count: int) -> Ints:
        """Amounts in cents around ``median``, a few of them very large."""
        drawn = self.rng.lognormal(float(np.log(median)), 0.9, count)
        return np.maximum(drawn.astype(np.int64), 500)

    def draw_parties(self, first: int, last: int, count: int) -> Ints:
        """Third parties from ``first`` to ``last`` (excluded): each at least once when ``count`` allows, some often."""
        size = last - first
        weights = 1 / (np.arange(size) + 4.0) ** 0.6
        drawn = self.rng.choice(size, count, p=weights / weights.sum())
        drawn[:size] = np.arange(min(size, count))
        return first + self.rng.permutation(drawn)

    def vat_on(self, net: Ints) -> Ints:
        """VAT in cents, at a rate drawn per amount, rounded half up."""
        rates: Ints = np.array(self.profile.vat_rates)[
            self.rng.integers(0, len(self.profile.vat_rates), len(net))
        ]
        return (net * rates + 5_000) // 10_000

    def in_euros(self, dollar_cents: Ints, days: Days) -> Ints:
        """``dollar_cents`` at the rate of ``days``."""
        return in_euros(dollar_cents, days, self.rates, self.start)

    def payments_table(self) -> pa.Table:
        """What each bank movement pays: ``movement``, ``document``, ``cents``."""
        columns = [np.concatenate(column) for column in zip(*self.paid, strict=True)]
        return pa.table(dict(zip(("movement", "document", "cents"), columns, strict=True)))


def batches(day: Days, size: int) -> tuple[Ints, Ints]:
    """Rows of the same day in batches of at most ``size``: each row's batch, and the first row of each batch."""
    order = np.argsort(day, kind="stable")
    _, starts, counts = np.unique(day[order], return_index=True, return_counts=True)
    rank = np.empty(len(day), dtype=np.int64)
    rank[order] = np.arange(len(day)) - np.repeat(starts, counts)
    key = day.astype(np.int64) * 1_000_000 + rank // size
    _, first, batch = np.unique(key, return_index=True, return_inverse=True)
    return batch, first


def totals(cents: Ints, position: Ints, count: int) -> Ints:
    """The sum of ``cents`` at each of ``count`` positions."""
    sums = np.zeros(count, dtype=np.int64)
    np.add.at(sums, position, cents)
    return sums
