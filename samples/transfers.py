"""What customers transfer, and what becomes of it: fees kept by banks, other people's accounts, slips of the pen."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from samples import bank
from samples.book import Leg
from samples.business import Business
from samples.chart import BANK, MISCELLANEOUS
from samples.days import Days, Ints, working
from samples.scenarios import SCENARIO_INDEX

_COMPLICATIONS: Final = {
    "bank_fee": 0.03,
    "other_payer": 0.025,
    "reference_misread": 0.025,
    "suspense": 0.015,
    "posted_twice": 0.005,
    "amount_mistyped": 0.004,
}
"""What happens to a transfer now and then, one thing at a time: scenario and share of transfers."""

_PLAIN: Final = [SCENARIO_INDEX[name] for name in ("one_invoice", "several_invoices", "part_payment")]

SMALLEST_WITH_FEE: Final = 50_000


@dataclass(frozen=True)
class Receipts:
    """Payments by customers; ``document`` is -1 where one pays for nothing in particular."""

    day: Days
    customer: Ints
    cents: Ints
    group: Ints
    document: Ints
    documents: tuple[Ints, Ints, Ints] | None = None
    """For payments of several documents: payment (row), document, cents; a credit note's are negative."""
    currency_cents: Ints | None = None
    """What was billed, where that was in another currency."""


def record(business: Business, movement: Ints, receipts: Receipts, fee: Ints | None = None) -> None:
    """Keep what each movement pays, for the truth; a bank's fee is missing from the first document."""
    if receipts.documents is None:
        known = receipts.document >= 0
        payment, document = np.flatnonzero(known), receipts.document[known]
        cents = receipts.cents[known]
    else:
        payment, document, cents = receipts.documents
    if fee is not None:
        _, first = np.unique(payment, return_index=True)
        cents = cents.copy()
        cents[first] -= fee[payment[first]]
    business.paid.append((movement[payment], document, cents))


def post_transfers(business: Business, receipts: Receipts) -> None:
    """Post transfers at the bank and, once they are booked, in the ledger."""
    rng, book = business.rng, business.book
    day = working(receipts.day)
    happens = _what_happens(business, receipts)
    is_short = happens == SCENARIO_INDEX["bank_fee"]
    fee = np.where(is_short, rng.integers(50, 251, len(day)) * 10, 0)
    is_from_another = happens == SCENARIO_INDEX["other_payer"]
    match = book.new_matches(len(day), happens)
    movement = business.bank.add(
        day,
        receipts.cents - fee,
        bank.TRANSFER_IN,
        match,
        party=receipts.customer,
        document=receipts.document,
        payer=np.where(is_from_another, receipts.customer % len(business.payers), -1),
    )
    record(business, movement, receipts, fee)

    is_mistyped = happens == SCENARIO_INDEX["amount_mistyped"]
    typed = np.where(is_mistyped, transposed(receipts.cents), receipts.cents)
    book.label_groups(receipts.group[is_mistyped], "amount_mistyped")
    # Whoever closed the books of last year has found its fees.
    found_fee = np.where(day < np.datetime64(business.as_of, "Y"), fee, 0)
    booked = business.booked(day)
    is_known = happens != SCENARIO_INDEX["suspense"]
    _post(business, receipts, np.flatnonzero(is_known), booked, typed, found_fee, match)
    _post_to_suspense(business, receipts, np.flatnonzero(~is_known), booked, match)
    _post_again(business, receipts, np.flatnonzero(happens == SCENARIO_INDEX["posted_twice"]), booked)


def transposed(cents: Ints) -> Ints:
    """The amounts with the last two digits of their euros swapped."""
    ones, tens = cents // 100 % 10, cents // 1_000 % 10
    return cents + (ones - tens) * 900


def _what_happens(business: Business, receipts: Receipts) -> Ints:
    """The scenario of each transfer: what it settles, unless something happens to it."""
    count = len(receipts.day)
    happens = business.book.group_scenarios[receipts.group].copy()
    is_plain = np.isin(happens, _PLAIN)
    shared = is_plain & business.parties.shares_iban[receipts.customer]
    happens[shared] = SCENARIO_INDEX["shared_iban"]
    drawn = np.searchsorted(np.cumsum(list(_COMPLICATIONS.values())), business.rng.random(count))
    fits = {
        "bank_fee": receipts.cents >= SMALLEST_WITH_FEE,
        "reference_misread": receipts.document >= 0,
        "amount_mistyped": transposed(receipts.cents) != receipts.cents,
    }
    for number, name in enumerate(_COMPLICATIONS):
        chosen = is_plain & (drawn == number) & fits.get(name, is_plain)
        happens[chosen] = SCENARIO_INDEX[name]
    return happens


def _post(
    business: Business,
    receipts: Receipts,
    rows: Ints,
    booked: Days,
    cents: Ints,
    fee: Ints,
    match: Ints,
) -> None:
    customer = receipts.customer[rows]
    currency_cents = None if receipts.currency_cents is None else -receipts.currency_cents[rows]
    business.book.post(
        BANK,
        booked[rows],
        "Virement",
        Leg("512000", (cents - fee)[rows], match=match[rows]),
        Leg("627000", fee[rows]),
        Leg(
            "411000",
            -cents[rows],
            group=receipts.group[rows],
            currency_cents=currency_cents,
            item_type="payment",
        ),
        document=business.documents.add("VIR", booked[rows], party=customer),
        party=customer,
        named=business.noted(receipts.document[rows], receipts.group[rows]),
    )


def _post_to_suspense(business: Business, receipts: Receipts, rows: Ints, booked: Days, match: Ints) -> None:
    """Nobody knows whose money it is until somebody asks, weeks later."""
    cents, customer = receipts.cents[rows], receipts.customer[rows]
    document = business.documents.add("VIR", booked[rows])
    business.book.post(
        BANK,
        booked[rows],
        "Encaissement à identifier",
        Leg("512000", cents, match=match[rows]),
        Leg("471000", -cents),
        document=document,
    )
    business.book.post(
        MISCELLANEOUS,
        working(booked[rows] + business.rng.integers(10, 40, len(rows))),
        "Encaissement identifié",
        Leg("471000", cents),
        Leg("411000", -cents, group=receipts.group[rows], item_type="payment"),
        document=document,
        party=customer,
    )


def _post_again(business: Business, receipts: Receipts, rows: Ints, booked: Days) -> None:
    """Posted a second time some days later; taken back when the account is reconciled."""
    book, cents, customer = business.book, receipts.cents[rows], receipts.customer[rows]
    again = working(booked[rows] + business.rng.integers(3, 10, len(rows)))
    match = book.new_matches(len(rows), "posted_twice")
    group = book.new_groups(len(rows), "posted_twice")
    document = business.documents.add("VIR", again, party=customer)
    for day, label, sign in ((again, "Virement", 1), (working(again + 45), "Annulation de saisie", -1)):
        book.post(
            BANK,
            day,
            label,
            Leg("512000", sign * cents, match=match),
            Leg("411000", -sign * cents, group=group, item_type="payment"),
            document=document,
            party=customer,
        )
