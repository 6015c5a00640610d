"""The tables as numbers, and what was known of them at a date."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forecasting.days import NEVER, WEEKS_AHEAD, Bools, Ints, day_numbers


@dataclass(frozen=True)
class Exits:
    """What took items out of what is open, in order of days; ``item`` are rows of the items."""

    item: Ints
    day: Ints
    amount: Ints
    is_payment: Bools
    is_booked: Bools
    returned_on: Ints

    def where(self, chosen: Bools) -> "Exits":
        """Some of them."""
        return Exits(*(column[chosen] for column in vars(self).values()))


@dataclass(frozen=True)
class Known:
    """What was known at ``origin``: the items open, what is open of them, and the exits until then."""

    origin: int
    item: Ints
    amount: Ints
    exits: Exits


@dataclass(frozen=True)
class Book:
    """The tables of ``forecasting.tables`` with days, customers and groups as numbers.

    ``scope`` numbers company and customer group; ``scopes`` names them. ``company`` is the company of each scope, by
    its place in ``companies``.
    """

    items: pa.Table
    customer: Ints
    customer_ids: pa.Array
    scope: Ints
    scopes: tuple[tuple[str, str], ...]
    company: Ints
    companies: tuple[str, ...]
    entered: Ints
    due: Ints
    original: Ints
    is_doubtful: Bools
    exits: Exits
    owed_on: Ints
    owed_item: Ints
    owed_amount: Ints
    ledger_company: Ints
    ledger_day: Ints
    own_date: int

    @classmethod
    def of(
        cls, items: pa.Table, exits: pa.Table, owed: pa.Table, ledger_days: pa.Table, own_date: int
    ) -> Self:
        """The book of ``ITEMS``, ``EXITS``, ``OWED`` and ``LEDGER_DAYS``.

        Exits and amounts owed of other items, and days of other companies, are left out.
        """
        items = items.sort_by("item_id")
        customer = items["third_party_id"].combine_chunks().dictionary_encode()
        scopes = sorted(
            set(zip(items["company_id"].to_pylist(), items["customer_group"].to_pylist(), strict=True))
        )
        scope_number = {scope: number for number, scope in enumerate(scopes)}
        companies = sorted({company for company, _ in scopes})
        ledger_days = ledger_days.filter(
            pc.is_in(ledger_days["company_id"], value_set=pa.array(companies, pa.string()))
        )
        pairs = zip(items["company_id"].to_pylist(), items["customer_group"].to_pylist(), strict=True)
        exits = exits.filter(pc.is_in(exits["item_id"], value_set=items["item_id"])).sort_by(
            [("exit_date", "ascending"), ("item_id", "ascending"), ("amount", "ascending")]
        )
        owed = owed.filter(pc.is_in(owed["item_id"], value_set=items["item_id"]))
        return cls(
            items,
            numbers(customer.indices),
            customer.dictionary,
            np.fromiter((scope_number[pair] for pair in pairs), np.int64, items.num_rows),
            tuple(scopes),
            np.fromiter((companies.index(company) for company, _ in scopes), np.int64, len(scopes)),
            tuple(companies),
            day_numbers(items["entry_date"]),
            day_numbers(items["due_date"]),
            numbers(items["original_amount"]),
            flags(items["is_doubtful"]),
            Exits(
                rows_of(items, exits["item_id"]),
                day_numbers(exits["exit_date"]),
                numbers(exits["amount"]),
                flags(exits["is_payment"]),
                flags(exits["is_booked"]),
                day_numbers(exits["returned_date"]),
            ),
            day_numbers(owed["as_of_date"]),
            rows_of(items, owed["item_id"]),
            numbers(owed["open_amount"]),
            numbers(pc.index_in(ledger_days["company_id"], value_set=pa.array(companies, pa.string()))),
            day_numbers(ledger_days["entry_date"]),
            own_date,
        )

    @property
    def customers(self) -> int:
        """How many customers there are."""
        return len(self.customer_ids)

    def known_at(self, origin: int) -> Known:
        """What was known at a date: before the run's own, what the books held; at it, what was matched too."""
        chosen = self.owed_on == origin
        exits = self.exits
        is_known = (exits.day <= origin) & (exits.is_booked | (origin == self.own_date))
        known = exits.where(is_known & ~(exits.returned_on <= origin))
        order = np.argsort(self.owed_item[chosen])
        return Known(origin, self.owed_item[chosen][order], self.owed_amount[chosen][order], known)

    def books_until(self, origin: int) -> Ints:
        """The last day until a date on which each company's books have an entry; long ago where they have none."""
        last = np.full(len(self.companies), -NEVER)
        chosen = self.ledger_day <= origin
        np.maximum.at(last, self.ledger_company[chosen], self.ledger_day[chosen])
        return last

    def collected(self, known: Known, first_day: int, booked_only: bool) -> Ints:
        """What came of the items open at ``known.origin``: scopes × weeks, weeks counted from ``first_day``."""
        exits = self.exits
        week = (exits.day - first_day) // 7
        was_open = np.zeros(len(self.due), np.bool_)
        was_open[known.item] = True
        chosen = exits.is_payment & (exits.day > known.origin) & (week < WEEKS_AHEAD) & was_open[exits.item]
        if booked_only:
            chosen &= exits.is_booked
        cell = self.scope[exits.item[chosen]] * WEEKS_AHEAD + week[chosen]
        return summed(cell, exits.amount[chosen], len(self.scopes) * WEEKS_AHEAD).reshape(-1, WEEKS_AHEAD)


def summed(cell: Ints, amounts: Ints, cells: int) -> Ints:
    """Sums of whole cents per cell; exact below 2**53."""
    total: Ints = np.rint(np.bincount(cell, amounts, cells)).astype(np.int64)
    return total


def numbers(column: pa.ChunkedArray | pa.Array) -> Ints:
    """A column of whole numbers."""
    values: Ints = column.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return values


def flags(column: pa.ChunkedArray) -> Bools:
    """A column of booleans without nulls."""
    values: Bools = column.to_numpy(zero_copy_only=False).astype(np.bool_)
    return values


def rows_of(items: pa.Table, item_ids: pa.ChunkedArray) -> Ints:
    """The row of each item; all of them must be known."""
    return numbers(pc.index_in(item_ids, value_set=items["item_id"]))
