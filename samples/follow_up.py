"""What was said with customers about what they owe: reminders, promises to pay, disputes, and what became of them.

All of it follows from how the customers paid, so that the ledgers need not change: a promise is kept or broken by the
payments that are in the books anyway.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from samples.days import NO_DAY, Days, Ints, working
from samples.money import decimals
from samples.parties import Parties
from samples.profiles import DISPUTE

REMINDED_AFTER: Final = (10, 25, 45)
"""Days past due of each reminder."""

BEHIND: Final = 7
"""The last week's reminders are still to be sent."""

CHANNELS: Final = ("email", "email", "LRAR")
REASONS: Final = (
    "Quantité livrée inférieure à la commande",
    "Prix différent du devis",
    "Marchandise abîmée",
    "Prestation incomplète",
    "Bon de commande absent",
)

KEPT, PARTLY_KEPT, BROKEN, OPEN = range(4)
PROMISE_STATUSES: Final = ("kept", "partly_kept", "broken", "open")

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class FollowUp:
    """The rows of a company's ``disputes.csv``, ``promises.csv`` and ``dunning_events.csv``.

    Promises and disputes have one column more, ``status``: what became of them by the as-of date, as in
    ``fct_promises`` and ``fct_disputes``.
    """

    disputes: pa.Table
    promises: pa.Table
    dunning_events: pa.Table


@dataclass(frozen=True)
class _Invoices:
    """Customers' invoices that stand alone in their group, or that nothing has settled. Days are NO_DAY for none."""

    row: Ints
    due: Days
    cents: Ints
    first_paid: Days
    last_paid: Days
    paid_cents: Ints
    credited: Days
    is_settled: Mask
    is_paid_only: Mask
    """Payments alone have touched it: no credit note, transfer to doubtful or returned payment."""
    is_disputing: Mask

    def __len__(self) -> int:
        return len(self.row)

    @property
    def until(self) -> Days:
        """The day on which the last of it was paid or credited; the end of time where something is left."""
        return np.where(self.is_settled, np.fmax(self.last_paid, self.credited), np.datetime64("9999-12-31"))

    def take(self, chosen: Mask | Ints) -> "_Invoices":
        return _Invoices(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def follow_up(
    company_id: str, items: pa.Table, parties: Parties, rng: np.random.Generator, as_of: date
) -> FollowUp:
    """What was said about the invoices among ``items``, rows of ``Truth.items`` of one company, until ``as_of``."""
    today = np.datetime64(as_of)
    invoices = _invoices(items, parties)
    contested = _disputed(invoices, rng, today)
    promised = _promised(invoices, rng, today)
    reminded = invoices.take(~np.isin(invoices.row, contested[0].row))
    return FollowUp(
        _disputes(company_id, items, *contested),
        _promises(company_id, items, *promised),
        _dunning_events(company_id, items, reminded, today),
    )


def _invoices(items: pa.Table, parties: Parties) -> _Invoices:
    is_ours = np.asarray(items["ledger_side"]) == "receivable"
    kind = np.asarray(items["item_type"])
    cents: Ints = pc.multiply(items["original_amount"], 100).cast(pa.int64()).to_numpy()
    day = np.asarray(items["entry_date"], dtype="datetime64[D]")
    due = np.asarray(items["due_date"], dtype="datetime64[D]")
    group = items["group"].fill_null(-1).to_numpy()
    is_invoice = is_ours & (kind == "invoice") & (cents > 0) & ~np.isnat(due)

    # One more group, for what none is in.
    count = int(group.max(initial=-1)) + 2
    of_group = np.where(is_ours & (group >= 0), group, count - 1)

    def total(chosen: Mask, values: Ints) -> Ints:
        sums = np.zeros(count, dtype=np.int64)
        np.add.at(sums, of_group[chosen], values[chosen])
        return sums

    def day_of(chosen: Mask, last: bool) -> Days:
        found = np.full(count, NO_DAY)
        rows = np.flatnonzero(chosen)
        rows = rows[np.argsort(day[rows], kind="stable")]
        found[of_group[rows if last else rows[::-1]]] = day[rows if last else rows[::-1]]
        return found

    ones = np.ones(len(items), dtype=np.int64)
    is_payment = is_ours & (kind == "payment") & (cents < 0)
    is_credit = is_ours & (kind == "credit_note")
    invoice_count = total(is_invoice, ones)
    others = total(is_ours & ~is_invoice & ~is_payment, ones)
    balance, paid = total(is_ours, cents), total(is_payment, -cents)
    first, last, credited = day_of(is_payment, False), day_of(is_payment, True), day_of(is_credit, True)
    disputing = {
        code
        for code, behaviour in zip(parties.codes, parties.behaviours.tolist(), strict=True)
        if behaviour == DISPUTE
    }

    rows = np.flatnonzero(is_invoice)
    of_row = of_group[rows]
    is_alone = (of_row == count - 1) | (invoice_count[of_row] == 1)
    rows, of_row = rows[is_alone], of_row[is_alone]
    in_none = of_row == count - 1
    codes = items["third_party_code"].take(pa.array(rows)).to_pylist()
    return _Invoices(
        row=rows,
        due=due[rows],
        cents=cents[rows],
        first_paid=np.where(in_none, NO_DAY, first[of_row]),
        last_paid=np.where(in_none, NO_DAY, last[of_row]),
        paid_cents=np.where(in_none, 0, paid[of_row]),
        credited=np.where(in_none, NO_DAY, credited[of_row]),
        is_settled=~in_none & (balance[of_row] <= 0),
        is_paid_only=in_none | (others[of_row] == 0),
        is_disputing=np.array([code in disputing for code in codes], dtype=np.bool_),
    )


def _disputed(
    invoices: _Invoices, rng: np.random.Generator, today: np.datetime64
) -> tuple[_Invoices, Days, Days, Ints, Ints]:
    """The contested invoices, from when until when, how much (0: all of it), and what became of each."""
    opened = invoices.due + rng.integers(1, 9, len(invoices))
    is_open_then = (opened < invoices.until) & (opened <= today)
    chosen = invoices.is_disputing & is_open_then & (rng.random(len(invoices)) < 0.5)
    contested, opened = invoices.take(chosen), opened[chosen]
    # What a credit note or a payment settles was talked over before.
    ended = np.where(np.isnat(contested.credited), contested.last_paid, contested.credited)
    is_told = contested.is_settled & (ended > opened) & (rng.random(len(contested)) < 0.8)
    closed = np.where(is_told, ended, NO_DAY)
    is_part = rng.random(len(contested)) < 0.5
    cents = np.where(is_part & (contested.paid_cents == 0), contested.cents * 3 // 10, 0)
    status = np.where(is_told, 2, np.where(contested.is_settled, 1, 0))
    return contested, opened, closed, cents, status


def _promised(
    invoices: _Invoices, rng: np.random.Generator, today: np.datetime64
) -> tuple[_Invoices, Days, Days, Ints, Ints]:
    """The promised invoices, when it was said and for when, how much (0: all of it), and what became of each."""
    size = len(invoices)
    is_late = (invoices.until > invoices.due + 14) & (invoices.due + 14 <= today)
    chosen = is_late & invoices.is_paid_only & ~invoices.is_disputing & (rng.random(size) < 0.25)
    promised = invoices.take(chosen)
    size = len(promised)
    is_unpaid, is_kept = np.isnat(promised.first_paid), rng.random(size) < 0.6
    in_parts = ~is_unpaid & (promised.first_paid < promised.last_paid)
    is_settled = promised.is_settled & ~in_parts

    def some(low: int, high: int) -> Ints:
        return rng.integers(low, high, size)

    # Of what was paid at once the day of the payment is known; what is unpaid was promised lately, or is long overdue.
    said = np.where(is_settled, promised.last_paid - some(7, 12), promised.first_paid - some(2, 5))
    said = np.where(is_unpaid, np.maximum(promised.due + 8, today - some(2, 20)), said)
    due = np.where(is_kept, promised.last_paid + some(0, 3), promised.last_paid - some(1, 5))
    due = np.where(is_settled, due, promised.first_paid + some(0, 3))
    due = np.where(is_unpaid, said + some(5, 15), due)

    paid_by_then = np.where(
        ~np.isnat(promised.last_paid) & (promised.last_paid <= due) & promised.is_settled,
        promised.cents,
        np.where(in_parts & (promised.first_paid <= due), 1, 0),
    )
    status = np.full(size, BROKEN)
    status[paid_by_then > 0] = PARTLY_KEPT
    status[(paid_by_then < promised.cents) & (due >= today)] = OPEN
    status[paid_by_then == promised.cents] = KEPT
    # What was paid in part, and never to the end, has no day that tells the parts from each other.
    is_clear = is_unpaid | promised.is_settled
    is_told = is_clear & (said > promised.due) & (said <= today) & (due > said)
    cents = np.where(rng.random(size) < 0.4, promised.cents, 0)
    return promised.take(is_told), said[is_told], due[is_told], cents[is_told], status[is_told]


def _about(company_id: str, items: pa.Table, rows: Ints) -> dict[str, pa.Array]:
    """Whom and what a row is about."""
    return {
        "company_id": pa.array([company_id] * len(rows), pa.string()),
        "third_party_code": items["third_party_code"].take(pa.array(rows)).cast(pa.string()),
        "document_number": items["document_ref"].take(pa.array(rows)).cast(pa.string()),
    }


def _amount(cents: Ints) -> pa.Array:
    """Amounts; null where none is told."""
    return pa.array(
        [
            amount if told else None
            for amount, told in zip(decimals(cents).to_pylist(), cents.tolist(), strict=True)
        ],
        pa.decimal128(18, 2),
    )


def _disputes(
    company_id: str,
    items: pa.Table,
    invoices: _Invoices,
    opened: Days,
    closed: Days,
    cents: Ints,
    status: Ints,
) -> pa.Table:
    reasons = [REASONS[number % len(REASONS)] for number in range(len(invoices))]
    return pa.table(
        _about(company_id, items, invoices.row)
        | {
            "opened_on": pa.array(opened),
            "closed_on": pa.array(closed),
            "reason": pa.array(reasons, pa.string()),
            "amount": _amount(cents),
            "status": pa.array([("open", "settled", "closed")[one] for one in status.tolist()], pa.string()),
        }
    ).sort_by([("opened_on", "ascending"), ("document_number", "ascending")])


def _promises(
    company_id: str, items: pa.Table, invoices: _Invoices, said: Days, due: Days, cents: Ints, status: Ints
) -> pa.Table:
    return pa.table(
        _about(company_id, items, invoices.row)
        | {
            "promised_on": pa.array(said),
            "promised_date": pa.array(due),
            "amount": _amount(cents),
            "status": pa.array([PROMISE_STATUSES[one] for one in status.tolist()], pa.string()),
        }
    ).sort_by([("promised_on", "ascending"), ("document_number", "ascending")])


def _dunning_events(company_id: str, items: pa.Table, invoices: _Invoices, today: np.datetime64) -> pa.Table:
    levels = []
    for number, (days, channel) in enumerate(zip(REMINDED_AFTER, CHANNELS, strict=True), start=1):
        sent = working(invoices.due + days)
        reminded = np.flatnonzero((invoices.until > sent) & (sent <= today - BEHIND))
        levels.append(
            pa.table(
                _about(company_id, items, invoices.row[reminded])
                | {
                    "sent_on": pa.array(sent[reminded]),
                    "level": pa.array([str(number)] * len(reminded), pa.string()),
                    "channel": pa.array([channel] * len(reminded), pa.string()),
                    "outcome": pa.array(
                        ["avisé" if channel == "LRAR" else None] * len(reminded), pa.string()
                    ),
                }
            )
        )
    return pa.concat_tables(levels).sort_by([("sent_on", "ascending"), ("document_number", "ascending")])
