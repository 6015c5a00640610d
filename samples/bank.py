"""The bank's side: what moved on a company's account, and the statements that tell it."""

from dataclasses import dataclass, fields
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from samples.days import Days, Ints

(
    TRANSFER_IN,
    CHEQUE_DEPOSIT,
    DIRECT_DEBIT_IN,
    RETURN,
    BILL_IN,
    CARDS_IN,
    TRANSFER_OUT,
    CHEQUE_OUT,
    BILL_OUT,
    SALARIES_OUT,
    TAXES_OUT,
    FEES,
    LOAN,
    CHEQUE_RETURN,
    TRANSFER_BACK,
    OWN_TRANSFER,
    INTEREST,
    COMMISSION,
    DEBIT_OUT,
) = range(19)
"""Kinds of bank movements."""

KINDS = (
    "transfer_in", "cheque_deposit", "direct_debit_in", "return", "bill_in", "cards_in", "transfer_out", "cheque_out",
    "bill_out", "salaries_out", "taxes_out", "fees", "loan", "cheque_return", "transfer_back", "own_transfer",
    "interest", "commission", "debit_out",
)  # fmt: skip


@dataclass(frozen=True)
class Movements:
    """Bank transactions in parallel columns, in the order of the bank's books.

    Those with the same ``batch`` are the details of one bank entry; ``payer`` is who pays in the stead of
    ``party``, or -1; ``count`` is how many cheques or cards a movement holds; ``match`` names the ledger
    lines that mirror it; ``id`` is the one given when it was added.
    """

    id: Ints
    day: Days
    cents: Ints
    kind: Ints
    party: Ints
    payer: Ints
    document: Ints
    batch: Ints
    count: Ints
    match: Ints

    def __len__(self) -> int:
        return len(self.cents)

    def take(self, rows: Ints | slice | npt.NDArray[np.bool_]) -> "Movements":
        """The same columns at the given rows."""
        return Movements(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def entry_starts(self) -> Ints:
        """The rows at which a bank entry begins: each movement alone, a batch as one."""
        if len(self) == 0:
            return np.zeros(0, dtype=np.int64)
        same = (self.batch[1:] == self.batch[:-1]) & (self.batch[1:] >= 0)
        return np.flatnonzero(np.r_[True, ~same])


class BankAccount:
    """What moves on a bank account."""

    def __init__(self) -> None:
        self._parts: list[Movements] = []
        self._movements = 0
        self._batches = 0

    def __len__(self) -> int:
        return self._movements

    def new_batches(self, count: int) -> Ints:
        """Identifiers for ``count`` batches."""
        self._batches += count
        return np.arange(self._batches - count, self._batches)

    def add(
        self,
        days: Days,
        cents: Ints,
        kind: int,
        match: Ints,
        *,
        party: Ints | None = None,
        payer: Ints | None = None,
        document: Ints | None = None,
        batch: Ints | None = None,
        count: Ints | None = None,
    ) -> Ints:
        """Book one movement per day of ``days``; money in is positive. Returns their ids."""
        size = len(days)
        none = np.full(size, -1, dtype=np.int64)
        ids = np.arange(self._movements, self._movements + size)
        self._movements += size
        self._parts.append(
            Movements(
                id=ids,
                day=days,
                cents=cents,
                kind=np.full(size, kind, dtype=np.int64),
                party=none if party is None else party,
                payer=none if payer is None else payer,
                document=none if document is None else document,
                batch=none if batch is None else batch,
                count=np.ones(size, dtype=np.int64) if count is None else count,
                match=match,
            )
        )
        return ids

    def movements(self, as_of: date) -> Movements:
        """Everything booked up to ``as_of``, by day; the details of a batch stand together."""
        joined = Movements(
            **{
                field.name: np.concatenate([getattr(p, field.name) for p in self._parts])
                for field in fields(Movements)
            }
        )
        joined = joined.take(joined.day <= np.datetime64(as_of))
        return joined.take(np.lexsort((joined.id, joined.batch, joined.kind, joined.day)))


@dataclass(frozen=True)
class Statement:
    """One statement: the movements from ``start`` to ``end``, rows ``first`` to ``last`` (excluded), in cents."""

    number: int
    start: date
    end: date
    opening: int
    closing: int
    first: int
    last: int


def statements(
    movements: Movements, *, opening: int, start: date, end: date, weekly: bool
) -> list[Statement]:
    """Statements that chain from ``start`` to ``end``: one per month, or one per week that ends on a Sunday."""
    made: list[Statement] = []
    first, balance = 0, opening
    while start <= end:
        if weekly:
            last_day = start + timedelta(days=6 - start.weekday())
        else:
            last_day = (start.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        last_day = min(last_day, end)
        last = int(np.searchsorted(movements.day, np.datetime64(last_day), side="right"))
        closing = balance + int(movements.cents[first:last].sum())
        made.append(Statement(len(made) + 1, start, last_day, balance, closing, first, last))
        first, balance, start = last, closing, last_day + timedelta(days=1)
    return made


def opening_balance(movements: Movements) -> int:
    """An opening balance, in whole thousands of euros, that keeps the account in credit throughout."""
    lowest = min(0, int(np.cumsum(movements.cents).min())) if len(movements) else 0
    return (-lowest // 100_000 + 50) * 100_000
