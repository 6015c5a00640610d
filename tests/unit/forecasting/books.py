"""Books of a few customers, as the forecast takes them: who paid what, and when."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from forecasting import tables
from forecasting.forecast import item_weeks, weeks

Row = dict[str, Any]

MONDAY_15_JUNE = date(2026, 6, 15)


@dataclass
class Books:
    """Invoices and what became of them. ``invoice`` and ``pay`` add to them; amounts are whole cents.

    ``ledger_days``: the days on which the books have an entry; None: each day that is asked for.
    """

    items: list[Row] = field(default_factory=list)
    exits: list[Row] = field(default_factory=list)
    disputes: list[Row] = field(default_factory=list)
    promises: list[Row] = field(default_factory=list)
    working_days: list[Row] = field(default_factory=list)
    ledger_days: list[date] | None = None

    def invoice(self, due: date, *, customer: str = "C1", amount: int = 10_000, group: str = "none") -> str:
        """Adds an invoice of thirty days before, and returns its id."""
        item_id = f"I{len(self.items):05d}"
        self.items.append(
            {
                "item_id": item_id,
                "company_id": "acme",
                "third_party_id": f"acme/customer/{customer}",
                "customer_group": group,
                "entry_date": due - timedelta(days=30),
                "due_date": due,
                "original_amount": amount,
                "is_doubtful": False,
            }
        )
        return item_id

    def pay(self, item_id: str, day: date, amount: int = 10_000, **other: Any) -> None:
        """Adds a payment; ``other`` says what else is true of it."""
        plain = {"is_payment": True, "is_booked": True, "returned_date": None}
        self.exits.append({"item_id": item_id, "exit_date": day, "amount": amount, **plain, **other})

    def owed_at(self, day: date, *, is_own: bool = True) -> list[Row]:
        """What is open at a day: as the books say, at the own date less what is matched."""
        found = []
        for item in self.items:
            gone = sum(
                one["amount"]
                for one in self.exits
                if one["item_id"] == item["item_id"]
                and one["exit_date"] <= day
                and (one["is_booked"] or is_own)
                and (one["returned_date"] is None or one["returned_date"] > day)
            )
            if item["entry_date"] <= day and item["original_amount"] > gone:
                left = item["original_amount"] - gone
                found.append({"as_of_date": day, "item_id": item["item_id"], "open_amount": left})
        return found

    def tables(self, *days: date, own: date) -> tuple[pa.Table, ...]:
        """The tables that the forecast takes, with what is open at ``days``."""
        owed = [row for day in days for row in self.owed_at(day, is_own=day == own)]
        ledger_days = days if self.ledger_days is None else self.ledger_days
        return (
            pa.Table.from_pylist(self.items, tables.ITEMS),
            pa.Table.from_pylist(self.exits, tables.EXITS),
            pa.Table.from_pylist(owed, tables.OWED),
            pa.Table.from_pylist(
                [{"company_id": "acme", "entry_date": day} for day in ledger_days], tables.LEDGER_DAYS
            ),
            pa.Table.from_pylist(self.working_days, tables.WORKING_DAYS),
            pa.Table.from_pylist(self.disputes, tables.DISPUTES),
            pa.Table.from_pylist(self.promises_by_item(), tables.PROMISES),
            pa.Table.from_pylist(self.promise_settlements(), tables.PROMISE_SETTLEMENTS),
        )

    def promises_by_item(self) -> list[Row]:
        """Promises, a promise an item unless it has an id, with what the item tells."""
        items = {row["item_id"]: row for row in self.items}
        return [
            {
                "promise_id": str(number),
                "third_party_id": items[row["item_id"]]["third_party_id"],
                "entry_date": items[row["item_id"]]["entry_date"],
                "is_carried_on": False,
                **row,
            }
            for number, row in enumerate(self.promises)
        ]

    def promise_settlements(self) -> list[Row]:
        """What was settled, after each promise, of its items."""
        return [
            {
                "promise_id": promise["promise_id"],
                "effective_date": exit_["exit_date"],
                "paid_amount": exit_["amount"] if exit_["is_payment"] else 0,
                "released_amount": 0 if exit_["is_payment"] else exit_["amount"],
                "is_booked": exit_["is_booked"],
                "returned_date": exit_["returned_date"],
            }
            for promise in self.promises_by_item()
            for exit_ in self.exits
            if exit_["item_id"] == promise["item_id"] and exit_["exit_date"] > promise["promised_on"]
        ]

    def item_weeks(self, on: date) -> dict[str, list[Row]]:
        """Item → its fourteen weeks."""
        found: dict[str, list[Row]] = {}
        for row in item_weeks(*self.tables(on, own=on), own_date=on).to_pylist():
            found.setdefault(row["item_id"], []).append(row)
        return found

    def weeks(self, *days: date, own: date | None = None) -> list[Row]:
        """The weeks seen from each day; ``own`` is the run's own, the last of them where it is not said."""
        own = own or max(days)
        return weeks(*self.tables(*days, own=own), own_date=own).to_pylist()


def monthly(due_day: int, late: int, *, months: int = 18) -> Books:
    """A customer with five invoices a month due on a day of it, each paid ``late`` days after, up to MONDAY_15_JUNE."""
    books = Books()
    for month in range(months):
        due = date(2025 + month // 12, 1 + month % 12, due_day)
        for _ in range(5):
            item = books.invoice(due)
            if due + timedelta(days=late) <= MONDAY_15_JUNE:
                books.pay(item, due + timedelta(days=late))
    return books
