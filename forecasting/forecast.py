"""The forecast: of each open item by week, and of each customer group by week with its band, at one date or many."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Final, TypeVar

import numpy as np
import pyarrow as pa

from forecasting import baselines, spread
from forecasting.book import Book, Known
from forecasting.days import (
    WEEKS_AHEAD,
    Bools,
    Floats,
    Ints,
    PayingDays,
    day_numbers,
    is_weekend,
    paying_days,
    week_starts,
)
from forecasting.follow_up import FollowUp
from forecasting.lateness import curves, record
from forecasting.payment_days import waited_for
from forecasting.tables import ITEM_WEEKS, WEEKS

HALF_LIFE: Final = 365.0
"""An invoice tells half as much as one that fell due so many days later."""

WHOLE: Final = 1_000_000
NEARLY_SURE: Final = 1 - 1e-9
"""The most that a chance counts for where its complement has a logarithm."""

EVERYBODY: Final = "all"

Numbers = TypeVar("Numbers", Ints, Floats)

_EPOCH: Final = date(1970, 1, 1)
_DAYS_BACK: Final = 20 * 366
_DAYS_AHEAD: Final = 1_500
_HORIZONS: Final = (slice(0, 4), slice(4, 8), slice(8, WEEKS_AHEAD))
"""The weeks ahead whose errors are learned from together: the further, the more of another kind."""


def item_weeks(
    items: pa.Table,
    exits: pa.Table,
    owed: pa.Table,
    ledger_days: pa.Table,
    working_days: pa.Table,
    disputes: pa.Table,
    promises: pa.Table,
    promise_settlements: pa.Table,
    *,
    own_date: date,
) -> pa.Table:
    """When each item that is open at ``own_date`` will be paid: a table of ``ITEM_WEEKS``.

    The tables have the columns of ``forecasting.tables``.
    """
    book, follow_up, holidays = _read(
        items, exits, owed, ledger_days, working_days, disputes, promises, promise_settlements, own_date
    )
    known = book.known_at(book.own_date)
    chances = _chances(book, known, follow_up, holidays)
    weeks = WEEKS_AHEAD + 1
    return pa.table(
        {
            "item_id": book.items["item_id"].take(pa.array(np.repeat(known.item, weeks))),
            "week_number": pa.array(np.tile(np.arange(1, weeks + 1), len(known.item)), pa.int32()),
            "probability": _shares(np.full(len(known.item), WHOLE), chances).ravel(),
            "expected_amount": _shares(known.amount, chances).ravel(),
        },
        schema=ITEM_WEEKS,
    )


def weeks(
    items: pa.Table,
    exits: pa.Table,
    owed: pa.Table,
    ledger_days: pa.Table,
    working_days: pa.Table,
    disputes: pa.Table,
    promises: pa.Table,
    promise_settlements: pa.Table,
    *,
    own_date: date,
) -> pa.Table:
    """What each customer group will pay by week, seen from each date of ``owed`` with what was known then.

    What came, and what two simple forecasts said, stands beside it. Returns a table of ``WEEKS``. The tables have the
    columns of ``forecasting.tables``.
    """
    book, follow_up, holidays = _read(
        items, exits, owed, ledger_days, working_days, disputes, promises, promise_settlements, own_date
    )
    seen: list[_Seen] = []
    parts = [WEEKS.empty_table()]
    for origin in np.unique(book.owed_on).tolist():
        known = book.known_at(origin)
        chances = _chances(book, known, follow_up, holidays)
        now = _Seen.of(book, known, chances)
        parts.append(now.table(book, known, seen))
        seen.append(now)
    return pa.concat_tables(parts)


def _read(
    items: pa.Table,
    exits: pa.Table,
    owed: pa.Table,
    ledger_days: pa.Table,
    working_days: pa.Table,
    disputes: pa.Table,
    promises: pa.Table,
    promise_settlements: pa.Table,
    own_date: date,
) -> tuple[Book, FollowUp, Ints]:
    book = Book.of(items, exits, owed, ledger_days, (own_date - _EPOCH) // timedelta(days=1))
    day = day_numbers(working_days["day"])
    is_holiday = (day_numbers(working_days["next_working_day"]) != day) & ~is_weekend(day)
    return book, FollowUp.of(book, disputes, promises, promise_settlements), day[is_holiday]


def _chances(book: Book, known: Known, follow_up: FollowUp, holidays: Ints) -> Floats:
    """The chance that each open item is paid in each of the weeks ahead: items × weeks."""
    exits, origin = known.exits, known.origin
    payments = exits.where(exits.is_payment)
    days = _days(book, payments.day, holidays, origin)
    waits = waited_for(
        book.customer[payments.item], payments.day, book.customers, days, book.customer, book.due
    )
    tick = days.tick(waits)
    # What the books do not cover yet tells of nobody that he has not paid.
    last_day = book.books_until(origin)[book.company[book.scope]]
    told = np.concatenate([exits.item, known.item])
    is_seen = exits.day <= last_day[exits.item]
    is_payment = np.concatenate([exits.is_payment & is_seen, np.zeros(len(known.item), np.bool_)])
    is_left = np.concatenate([~exits.is_payment & is_seen, np.zeros(len(known.item), np.bool_)])
    last_tick = days.tick(last_day + 1) - 1
    until = np.concatenate(
        [np.where(is_seen, days.tick(exits.day), last_tick[exits.item]), last_tick[known.item]]
    )
    amount = np.concatenate([exits.amount, known.amount])
    age = np.maximum(origin - book.due[told], 0)
    learned = curves(
        record(
            book.customer[told],
            book.customers,
            days.tick(book.entered[told]) - tick[told],
            until - tick[told],
            is_payment.astype(np.float64),
            is_left.astype(np.float64),
            np.minimum(amount / book.original[told], 1.0) * 0.5 ** (age / HALF_LIFE),
        )
    )
    bounds = np.maximum(week_starts(origin), origin + 1)
    lateness = days.tick(bounds)[None, :] - tick[known.item][:, None]
    usual = learned.between(book.customer[known.item], lateness)
    return _with_evidence(book, known, follow_up, days, usual)


def _days(book: Book, paid_on: Ints, holidays: Ints, origin: int) -> PayingDays:
    earliest = min(book.entered.min(initial=origin), book.due.min(initial=origin), origin)
    first = max(earliest, origin - _DAYS_BACK)
    return paying_days(paid_on, holidays, int(first), origin + _DAYS_AHEAD)


def _with_evidence(book: Book, known: Known, follow_up: FollowUp, days: PayingDays, usual: Floats) -> Floats:
    """The chances once disputes and promises are told: what is contested or doubtful waits for longer than 13 weeks;
    what is promised comes in the promised week as often as the customer keeps its word, and else as usual."""
    contested = np.minimum(follow_up.contested(known, len(book.due))[known.item], known.amount)
    contested = np.where(book.is_doubtful[known.item], known.amount, contested)
    free = (known.amount - contested) / known.amount
    row, week, amount = follow_up.in_force(known, days)
    share = np.minimum(amount / known.amount[row], free[row])
    kept = share * follow_up.made.reliability(book, known)[book.customer[known.item[row]]]
    free[row] -= kept
    chances: Floats = usual * free[:, None]
    ahead = week < WEEKS_AHEAD
    chances[row[ahead], week[ahead]] += kept[ahead]
    return chances


def _shares(whole: Ints, chances: Floats) -> Ints:
    """Each whole by weeks, what is left in a last column: whole numbers that add up to it."""
    until = np.rint(whole[:, None] * np.minimum(np.cumsum(chances, axis=1), 1.0)).astype(np.int64)
    ends = np.zeros((len(whole), 1), np.int64)
    shares: Ints = np.diff(np.hstack([ends, until, whole[:, None]]), axis=1)
    return shares


@dataclass(frozen=True)
class _Seen:
    """A forecast by scope and week, with what it would be were items independent, and what came of it.

    Scopes are those of the book, then the companies. ``booked``: what came, as the books tell; ``came``: with what is
    matched besides.
    """

    first_day: int
    origin: int
    expected: Ints
    sums: spread.Sums
    most: Ints
    booked: Ints
    came: Ints

    @classmethod
    def of(cls, book: Book, known: Known, chances: Floats) -> "_Seen":
        scope, count = book.scope[known.item], len(book.scopes)
        amounts = _shares(known.amount, chances)
        variance = known.amount[:, None].astype(np.float64) ** 2 * chances * (1 - chances)
        log_none = np.log1p(-np.minimum(chances, NEARLY_SURE))
        first_day = int(week_starts(known.origin)[0])
        expected = _with_companies(book, _totals(scope, amounts, count))
        return cls(
            first_day,
            known.origin,
            expected,
            spread.Sums(
                expected[:, :WEEKS_AHEAD].astype(np.float64),
                _with_companies(book, _totals(scope, variance, count)),
                _with_companies(book, _totals(scope, log_none, count)),
            ),
            _with_companies(book, _totals(scope, known.amount[:, None], count))[:, 0],
            _with_companies(book, book.collected(known, first_day, booked_only=True)),
            _with_companies(book, book.collected(known, first_day, booked_only=False)),
        )

    @property
    def is_band(self) -> Bools:
        """Where there is something to expect."""
        found: Bools = (self.sums.expected > 0) & (self.sums.variance > 0)
        return found

    def needed_at(self, book: Book, origin: int) -> Floats:
        """How much wider each band would have had to be, as far as a date tells; NaN where it does not."""
        needed = self._needed(self.came) if origin == book.own_date else self._needed_of_books
        return np.where(self.is_over(book, origin), needed, np.nan)

    @cached_property
    def _needed_of_books(self) -> Floats:
        return self._needed(self.booked)

    def _needed(self, came: Ints) -> Floats:
        needed = np.full(came.shape, np.nan)
        needed[self.is_band] = self.sums.where(self.is_band).needed(came[self.is_band].astype(np.float64))
        return needed

    def is_over(self, book: Book, origin: int) -> Bools:
        """Which weeks of each scope the books covered to their end at a date."""
        of_companies = np.concatenate([book.company, np.arange(len(book.companies))])
        ended: Bools = week_starts(self.origin)[1:] - 1 <= book.books_until(origin)[of_companies, None]
        return ended

    def table(self, book: Book, known: Known, earlier: list["_Seen"]) -> pa.Table:
        """The rows of ``WEEKS`` of this date."""
        factors = _widenings(book, self.is_band.shape, self.origin, earlier)
        near = self.expected[:, :WEEKS_AHEAD]
        most = np.repeat(self.most[:, None], WEEKS_AHEAD, axis=1)
        bands = np.repeat(near[..., None], len(spread.LEVELS), axis=-1)
        bands[self.is_band] = self.sums.where(self.is_band).quantiles(
            factors[self.is_band], most[self.is_band]
        )
        starts = week_starts(self.origin)
        ends = starts[1:] - 1
        simple = [
            _with_companies(book, forecast(book, known, self.first_day))
            for forecast in (baselines.at_due_date, baselines.at_average_lateness)
        ]
        names = [*book.scopes, *((company, EVERYBODY) for company in book.companies)]
        per_week = WEEKS_AHEAD + 1
        keep = np.repeat(self.most > 0, per_week)
        table = pa.table(
            {
                "as_of_date": _dates(np.full(len(names) * per_week, self.origin)),
                "company_id": np.repeat([company for company, _ in names], per_week),
                "customer_group": np.repeat([group for _, group in names], per_week),
                "week_number": pa.array(np.tile(np.arange(1, per_week + 1), len(names)), pa.int32()),
                "week_start_date": _dates(np.tile(starts, len(names))),
                "week_end_date": _dates(*_without_last(np.broadcast_to(ends, near.shape))),
                "expected_amount": self.expected.ravel(),
                "p10_amount": _numbers(*_without_last(bands[..., 0])),
                "p50_amount": _numbers(*_without_last(bands[..., 1])),
                "p90_amount": _numbers(*_without_last(bands[..., 2])),
                "actual_amount": _numbers(*_without_last(self.came, self.is_over(book, book.own_date))),
                "due_date_amount": _numbers(*_without_last(simple[0])),
                "average_lateness_amount": _numbers(*_without_last(simple[1])),
            },
            schema=WEEKS,
        )
        return table.filter(pa.array(keep))


def _widenings(book: Book, shape: tuple[int, ...], origin: int, earlier: list[_Seen]) -> Floats:
    """The factor of each scope and week: companies and groups apart, near weeks and far ones apart."""
    needed = (
        np.stack([one.needed_at(book, origin) for one in earlier])
        if earlier
        else np.full((1, *shape), np.nan)
    )
    age = np.array([[[origin - one.origin]] for one in earlier] or [[[0]]])
    age = np.broadcast_to(age, needed.shape)
    factors = np.ones(shape)
    groups = len(book.scopes)
    for scopes in (slice(None, groups), slice(groups, None)):
        for span in _HORIZONS:
            told = ~np.isnan(needed[:, scopes, span])
            factors[scopes, span] = spread.widening(needed[:, scopes, span][told], age[:, scopes, span][told])
    return factors


def _with_companies(book: Book, of_scopes: Numbers) -> Numbers:
    """Rows of the book's scopes, and below them their sums by company."""
    sums = np.zeros((len(book.companies), *of_scopes.shape[1:]), of_scopes.dtype)
    np.add.at(sums, book.company, of_scopes)
    return np.concatenate([of_scopes, sums])


def _totals(scope: Ints, of_items: Numbers, count: int) -> Numbers:
    total = np.stack([np.bincount(scope, column, count) for column in of_items.T], axis=1)
    return (np.rint(total) if of_items.dtype == np.int64 else total).astype(of_items.dtype)


def _without_last(values: Ints, is_known: Bools | None = None) -> tuple[Ints, Bools]:
    """Values of the weeks ahead with an unknown one for the weeks beyond, flat; and which are unknown."""
    padded = np.hstack([values, np.zeros((len(values), 1), np.int64)])
    near = np.zeros(values.shape, np.bool_) if is_known is None else ~is_known
    return padded.ravel(), np.hstack([near, np.ones((len(values), 1), np.bool_)]).ravel()


def _numbers(values: Ints, unknown: Bools) -> pa.Array:
    return pa.array(values, pa.int64(), mask=unknown)


def _dates(values: Ints, unknown: Bools | None = None) -> pa.Array:
    return pa.array(values.astype(np.int32), pa.int32(), mask=unknown).cast(pa.date32())
