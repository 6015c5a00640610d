"""What a company sells and how it is paid: on time, late, in parts, several at once, by debit, bill or cheque."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from samples import bank
from samples.book import Leg
from samples.business import Business, batches, totals
from samples.chart import BANK, MISCELLANEOUS, SALES
from samples.days import (
    WITH_DISCOUNT,
    Days,
    FiscalYear,
    Ints,
    draw_working_days,
    due_days,
    month_end,
    next_weekday,
    working,
)
from samples.documents import CREDIT_NOTE, INVOICE, instalment_amounts, instalment_days
from samples.parties import Parties
from samples.profiles import (
    BILL,
    CHEQUE,
    DEPOSIT,
    DIRECT_DEBIT,
    DISPUTE,
    EXPORT,
    GROUPED,
    INSTALMENTS,
    LATE,
    PARTIAL,
    PROMPT,
    SUBSCRIPTION,
)
from samples.transfers import Receipts, post_transfers, record

CHEQUES_PER_DEPOSIT = 8
DEBITS_PER_BATCH = 100

PRICES = np.array([4_900, 9_900, 14_900, 29_900, 59_000])
"""What a subscription costs each month, excluding VAT: several customers have the same."""

_GROUP_SCENARIOS = {
    PARTIAL: "part_payment",
    INSTALMENTS: "instalments",
    DIRECT_DEBIT: "direct_debit_batch",
    BILL: "bill",
    SUBSCRIPTION: "subscription",
    EXPORT: "exchange",
}


@dataclass(frozen=True)
class Invoices:
    """Posted sales invoices in parallel columns; ``owed`` is what the customer has to pay, in cents.

    ``currency_cents`` is the same in dollars where they were billed in these, else 0; ``is_refused`` marks
    those that a disputing customer never pays.
    """

    customer: Ints
    behaviour: Ints
    document: Ints
    issued: Days
    due: Days
    net: Ints
    vat: Ints
    owed: Ints
    currency_cents: Ints
    group: Ints
    is_refused: npt.NDArray[np.bool_]


def sell(business: Business, count: int, years: tuple[FiscalYear, ...]) -> None:
    """Post ``count`` sales invoices, and all that follows from them up to the as-of date."""
    invoices = _invoice(business, count)
    receipts = [
        *_simple_receipts(business, invoices),
        *_partial_receipts(business, invoices),
        *_instalment_receipts(business, invoices),
        _grouped_receipts(business, invoices),
        _receipts_on_account(business, invoices),
        _discounted_receipts(business, invoices),
        _receipts_in_dollars(business, invoices),
        *_direct_debits(business, invoices),
    ]
    for receipt in receipts:
        post_transfers(business, receipt)
    _bills(business, invoices)
    _doubtful(business, invoices, years)


def _chosen(invoices: Invoices, *behaviours: int) -> Ints:
    return np.flatnonzero(np.isin(invoices.behaviour, behaviours))


def _invoice(business: Business, count: int) -> Invoices:
    rng, parties, profile = business.rng, business.parties, business.profile
    customer = business.draw_parties(0, parties.customers, count)
    behaviour = parties.behaviours[customer]
    issued = _issue_days(business, customer, behaviour)
    net = business.draw_amounts(profile.median_sale, count)
    net = np.where(behaviour == SUBSCRIPTION, PRICES[customer % len(PRICES)], net)
    currency_cents = np.where(behaviour == EXPORT, net // 100 * 100, 0)
    net = np.where(behaviour == EXPORT, business.in_euros(currency_cents, issued), net)
    vat = np.where(behaviour == EXPORT, 0, business.vat_on(net))
    due = due_days(issued, parties.terms[customer])
    # A due date that differs from the terms is only known where the exports tell it.
    is_told = (
        (issued >= np.datetime64(business.as_of, "Y"))
        if profile.due_date_column
        else profile.has_invoice_file
    )
    due = np.where(is_told & (rng.random(count) < 0.05), due + 15, due)
    in_instalments = behaviour == INSTALMENTS
    due = np.where(in_instalments, instalment_days(issued)[0], due)

    group = _group_by_payment(business, customer, behaviour, due)
    deposit = np.where(behaviour == DEPOSIT, (net + vat) * 3 // 10, 0)
    deposit_group = _deposits(business, customer, deposit, issued)
    owed = net + vat - deposit
    document = business.documents.add(
        "FA",
        issued,
        kind=INVOICE,
        due=due,
        party=customer,
        total=owed,
        vat=vat,
        has_instalments=in_instalments,
    )
    second = np.where(rng.random(count) < 0.4, net * rng.integers(2, 30, count) // 100, 0)
    business.book.post(
        SALES,
        issued,
        "Facture",
        Leg("411000", owed, group=group, currency_cents=currency_cents, item_type="invoice"),
        Leg("419100", deposit, group=deposit_group, item_type="advance"),
        Leg(profile.sale_account, second - net),
        Leg("708500", -second),
        Leg("445710", -vat),
        document=document,
        party=customer,
    )
    is_refused = (behaviour == DISPUTE) & (rng.random(count) < 0.55)
    return Invoices(
        customer, behaviour, document, issued, due, net, vat, owed, currency_cents, group, is_refused
    )


def _issue_days(business: Business, customer: Ints, behaviour: Ints) -> Days:
    """Working days in order; a subscription's are the first of a month, one after the other."""
    days = draw_working_days(business.rng, business.start, business.as_of, len(customer))
    rows = np.flatnonzero(behaviour == SUBSCRIPTION)
    rows = rows[np.argsort(customer[rows], kind="stable")]
    starts = np.flatnonzero(np.r_[True, customer[rows][1:] != customer[rows][:-1]]) if len(rows) else rows
    number = np.arange(len(rows)) - np.repeat(starts, np.diff(np.r_[starts, len(rows)]))
    first = np.datetime64(business.start, "M")
    months = int((np.datetime64(business.as_of, "M") - first).astype(np.int64)) + 1
    days[rows] = working((first + number % months).astype("datetime64[D]"))
    return np.minimum(days, np.datetime64(business.as_of))


def _group_by_payment(business: Business, customer: Ints, behaviour: Ints, due: Days) -> Ints:
    """A group per invoice; one per customer and month of due dates for those who pay a month at once."""
    month = due.astype("datetime64[M]").astype(np.int64)
    alone = np.arange(len(due)) + 1
    key = np.where(behaviour == GROUPED, -(customer * 10_000 + month) - 1, alone)
    _, position, size = np.unique(key, return_inverse=True, return_counts=True)
    group = business.book.new_groups(len(size))[position]
    business.book.label_groups(group[size[position] > 1], "several_invoices")
    for behaviour_number, scenario in _GROUP_SCENARIOS.items():
        business.book.label_groups(group[behaviour == behaviour_number], scenario)
    return group


def _deposits(business: Business, customer: Ints, deposit: Ints, issued: Days) -> Ints:
    """Deposit invoices a month before the final invoice, paid ten days later. Returns each invoice's deposit group."""
    rows = np.flatnonzero(deposit)
    group = np.full(len(deposit), -1, dtype=np.int64)
    group[rows] = business.book.new_groups(len(rows), "deposit_invoice")
    day = working(np.maximum(issued[rows] - 30, np.datetime64(business.start)))
    document = business.documents.add(
        "AC", day, kind=INVOICE, due=day + 10, party=customer[rows], total=deposit[rows]
    )
    business.book.post(
        SALES,
        day,
        "Facture d'acompte",
        Leg("411000", deposit[rows], group=group[rows], item_type="invoice"),
        Leg("419100", -deposit[rows], group=group[rows], item_type="advance"),
        document=document,
        party=customer[rows],
    )
    post_transfers(business, Receipts(day + 10, customer[rows], deposit[rows], group[rows], document))
    return group


def _takes_discount(invoices: Invoices, parties: Parties) -> npt.NDArray[np.bool_]:
    """Two in three of those whose terms allow a discount, and who pay on time, pay early enough for it."""
    takes: npt.NDArray[np.bool_] = (
        (parties.terms[invoices.customer] == WITH_DISCOUNT)
        & (invoices.behaviour == PROMPT)
        & (invoices.document % 3 != 0)
    )
    return takes


def _simple_receipts(business: Business, invoices: Invoices) -> list[Receipts]:
    """One payment per invoice, on time or late; less a credit note, or a little too much."""
    rng = business.rng
    rows = _chosen(invoices, PROMPT, LATE, CHEQUE, DISPUTE, DEPOSIT, SUBSCRIPTION)
    rows = rows[~invoices.is_refused[rows] & ~_takes_discount(invoices, business.parties)[rows]]
    behaviour, owed = invoices.behaviour[rows], invoices.owed[rows]
    late = rng.gamma(1.5, 18, len(rows)).astype(np.int64)
    is_prompt = np.isin(behaviour, (PROMPT, DEPOSIT, SUBSCRIPTION))
    delay = np.where(is_prompt, rng.integers(-3, 3, len(rows)), late)
    is_usual = behaviour != SUBSCRIPTION
    credited = np.where(
        is_usual & (rng.random(len(rows)) < 0.04),
        owed * rng.choice([10, 25, 50, 100], len(rows)) // 100,
        0,
    )
    overpaid = np.where(
        is_usual & (rng.random(len(rows)) < 0.01) & (credited == 0), rng.integers(1, 50, len(rows)) * 100, 0
    )
    credit_note = _credit(business, invoices, rows, credited)
    business.book.label_groups(invoices.group[rows[credited > 0]], "credit_note")
    business.book.label_groups(invoices.group[rows[overpaid > 0]], "over_payment")
    cents = owed - credited + overpaid
    pays = cents > 0

    def receipts(chosen: npt.NDArray[np.bool_]) -> Receipts:
        paid = rows[chosen]
        payment = np.arange(len(paid))
        noted = np.flatnonzero(credited[chosen])
        return Receipts(
            invoices.due[paid] + delay[chosen],
            invoices.customer[paid],
            cents[chosen],
            invoices.group[paid],
            invoices.document[paid],
            (
                np.r_[payment, noted],
                np.r_[invoices.document[paid], credit_note[chosen][noted]],
                np.r_[(owed + overpaid)[chosen], -credited[chosen][noted]],
            ),
        )

    cheques = receipts(pays & (behaviour == CHEQUE))
    return [receipts(pays & (behaviour != CHEQUE)), _post_cheques(business, cheques)]


def _credit(business: Business, invoices: Invoices, rows: Ints, credited: Ints) -> Ints:
    """Credit notes on invoices ``rows``, one or two weeks after them. Returns each row's document, -1 for none."""
    documents = np.full(len(rows), -1, dtype=np.int64)
    kept = np.flatnonzero(credited)
    rows, credited = rows[kept], credited[kept]
    day = working(invoices.issued[rows] + business.rng.integers(5, 15, len(rows)))
    vat = credited * invoices.vat[rows] // np.maximum(1, invoices.net[rows] + invoices.vat[rows])
    customer = invoices.customer[rows]
    documents[kept] = business.documents.add(
        "AV", day, kind=CREDIT_NOTE, party=customer, total=credited, vat=vat
    )
    business.book.post(
        SALES,
        day,
        "Avoir",
        Leg(business.profile.sale_account, credited - vat),
        Leg("445710", vat),
        Leg("411000", -credited, group=invoices.group[rows], item_type="credit_note"),
        document=documents[kept],
        party=customer,
        named=invoices.document[rows],
    )
    return documents


def _partial_receipts(business: Business, invoices: Invoices) -> list[Receipts]:
    """A first part near the due date; for seven in ten, the rest one or two months later."""
    rng = business.rng
    rows = _chosen(invoices, PARTIAL)
    first = invoices.owed[rows] * rng.integers(30, 75, len(rows)) // 100
    day = invoices.due[rows] + rng.integers(-2, 20, len(rows))
    rest = rng.random(len(rows)) < 0.7
    later = day + rng.integers(25, 70, len(rows))

    def receipts(chosen: Ints, days: Days, cents: Ints) -> Receipts:
        return Receipts(
            days, invoices.customer[chosen], cents, invoices.group[chosen], invoices.document[chosen]
        )

    return [
        receipts(rows, day, first),
        receipts(rows[rest], later[rest], (invoices.owed[rows] - first)[rest]),
    ]


def _instalment_receipts(business: Business, invoices: Invoices) -> list[Receipts]:
    rows = _chosen(invoices, INSTALMENTS)
    parts = zip(instalment_amounts(invoices.owed[rows]), instalment_days(invoices.issued[rows]), strict=True)
    return [
        Receipts(
            day + business.rng.integers(-2, 12, len(rows)),
            invoices.customer[rows],
            cents,
            invoices.group[rows],
            invoices.document[rows],
        )
        for cents, day in parts
    ]


def _grouped_receipts(business: Business, invoices: Invoices) -> Receipts:
    """All that fell due in a month, less what was credited, in one payment on the tenth of the next."""
    rng = business.rng
    rows = _chosen(invoices, GROUPED)
    is_credited = rng.random(len(rows)) < 0.08
    credited = np.where(is_credited, invoices.owed[rows] * rng.choice([10, 25, 50], len(rows)) // 100, 0)
    credit_note = _credit(business, invoices, rows, credited)
    business.book.label_groups(invoices.group[rows[credited > 0]], "credit_note")
    group, payment = np.unique(invoices.group[rows], return_inverse=True)
    cents = totals(invoices.owed[rows] - credited, payment, len(group))
    customer = np.zeros(len(group), dtype=np.int64)
    customer[payment] = invoices.customer[rows]
    month = np.zeros(len(group), dtype="datetime64[M]")
    month[payment] = invoices.due[rows].astype("datetime64[M]")
    day = (month + 1).astype("datetime64[D]") + 9
    noted = np.flatnonzero(credited)
    several = (
        np.r_[payment, payment[noted]],
        np.r_[invoices.document[rows], credit_note[noted]],
        np.r_[invoices.owed[rows], -credited[noted]],
    )
    return Receipts(day, customer, cents, group, np.full(len(group), -1), several)


def _discounted_receipts(business: Business, invoices: Invoices) -> Receipts:
    """Within ten days less two per cent; the discount is booked at the end of the month."""
    rows = np.flatnonzero(_takes_discount(invoices, business.parties))
    owed, customer, group = invoices.owed[rows], invoices.customer[rows], invoices.group[rows]
    business.book.label_groups(group, "discount")
    kept_back = (owed * 2 + 50) // 100
    vat = kept_back * invoices.vat[rows] // np.maximum(1, owed)
    day = invoices.issued[rows] + business.rng.integers(3, 8, len(rows))
    noticed = working(month_end(working(day + 10)))
    business.book.post(
        MISCELLANEOUS,
        noticed,
        "Escompte accordé",
        Leg("665000", kept_back - vat),
        Leg("445710", vat),
        Leg("411000", -kept_back, group=group, item_type="write_off"),
        document=business.documents.add("ESC", noticed, party=customer),
        party=customer,
    )
    return Receipts(day, customer, owed - kept_back, group, invoices.document[rows])


def _receipts_in_dollars(business: Business, invoices: Invoices) -> Receipts:
    """What was billed in dollars, at the rate of the day; the difference is booked at the end of the month."""
    rows = _chosen(invoices, EXPORT)
    customer, group = invoices.customer[rows], invoices.group[rows]
    day = working(invoices.due[rows] + business.rng.integers(-3, 12, len(rows)))
    received = business.in_euros(invoices.currency_cents[rows], day)
    gain = received - invoices.owed[rows]
    noticed = working(month_end(working(day + 10)))
    business.book.post(
        MISCELLANEOUS,
        noticed,
        "Différence de change",
        Leg("411000", gain, group=group, item_type="other"),
        Leg("766000", -np.maximum(gain, 0)),
        Leg("666000", np.maximum(-gain, 0)),
        document=business.documents.add("CHG", noticed, party=customer),
        party=customer,
    )
    return Receipts(
        day,
        customer,
        received,
        group,
        invoices.document[rows],
        currency_cents=invoices.currency_cents[rows],
    )


def _receipts_on_account(business: Business, invoices: Invoices) -> Receipts:
    """Now and then a customer pays a round sum for nothing in particular."""
    rng = business.rng
    rows = np.flatnonzero(rng.random(len(invoices.issued)) < 0.003)
    cents = rng.integers(1, 20, len(rows)) * 10_000
    group = business.book.new_groups(len(rows), "on_account")
    return Receipts(invoices.due[rows], invoices.customer[rows], cents, group, np.full(len(rows), -1))


def _post_cheques(business: Business, receipts: Receipts) -> Receipts:
    """Cheques are booked one by one, and paid in at the bank together a few days later.

    Returns those that are not covered, and then paid by transfer.
    """
    # Cheques are opened twice a week.
    day = next_weekday(receipts.day, "Tue Fri")
    batch, first = batches(day, CHEQUES_PER_DEPOSIT)
    match = business.book.new_matches(len(first), "cheque_deposit")
    cents = totals(receipts.cents, batch, len(first))
    paid_in = business.some_days_after(day[first], (1, 2, 3), (0.6, 0.3, 0.1))
    movement = business.bank.add(paid_in, cents, bank.CHEQUE_DEPOSIT, match, count=np.bincount(batch))
    record(business, movement[batch], receipts)
    business.book.post(
        BANK,
        day,
        "Remise de chèque",
        Leg("512000", receipts.cents, match=match[batch]),
        Leg("411000", -receipts.cents, group=receipts.group, item_type="payment"),
        document=business.documents.add("CHQ", day, party=receipts.customer),
        party=receipts.customer,
        named=business.noted(receipts.document, receipts.group),
    )
    back = np.flatnonzero(business.rng.random(len(day)) < 0.02)
    returned = working(paid_in[batch[back]] + 6)
    return _come_back(
        business, bank.CHEQUE_RETURN, "Chèque impayé", "returned_cheque", receipts, back, returned
    )


def _come_back(
    business: Business, kind: int, label: str, scenario: str, receipts: Receipts, rows: Ints, day: Days
) -> Receipts:
    """What the bank takes back of ``receipts``. Returns those that are then paid by transfer."""
    customer, document, cents = receipts.customer[rows], receipts.document[rows], receipts.cents[rows]
    match = business.book.new_matches(len(rows), scenario)
    # The payment and its invoice are lettered by then: what came back is settled on its own.
    reopened = business.book.new_groups(len(rows), scenario)
    business.bank.add(day, -cents, kind, match, party=customer, document=document)
    business.book.post(
        BANK,
        day,
        label,
        Leg("411000", cents, group=reopened, item_type="payment"),
        Leg("512000", -cents, match=match),
        document=document,
        party=customer,
    )
    again = business.rng.random(len(rows)) < 0.6
    return Receipts(day[again] + 20, customer[again], cents[again], reopened[again], document[again])


def _direct_debits(business: Business, invoices: Invoices) -> list[Receipts]:
    """Debits on the Wednesday after the due date, in batches, of which four in a hundred come back.

    Returns those that are then paid by transfer.
    """
    rng, book = business.rng, business.book
    rows = _chosen(invoices, DIRECT_DEBIT)
    customer, document = invoices.customer[rows], invoices.document[rows]
    owed, group = invoices.owed[rows], invoices.group[rows]
    day = next_weekday(invoices.due[rows], "Wed")
    batch, first = batches(day, DEBITS_PER_BATCH)
    match = book.new_matches(len(first), "direct_debit_batch")
    cents = totals(owed, batch, len(first))
    movement = business.bank.add(
        day,
        owed,
        bank.DIRECT_DEBIT_IN,
        match[batch],
        party=customer,
        document=document,
        batch=business.bank.new_batches(len(first))[batch],
    )
    business.paid.append((movement, document, owed))
    booked = business.booked(day[first])
    book.post(
        BANK,
        booked,
        "Prélèvement",
        Leg("512000", cents, match=match),
        Leg("411000", -owed, batch, customer, document, group, item_type="payment"),
        document=business.documents.add("PRLV", booked),
    )

    back = np.flatnonzero(rng.random(len(rows)) < 0.04)
    returned = working(booked[batch[back]] + 5)
    debits = Receipts(day, customer, owed, group, document)
    return [
        _come_back(business, bank.RETURN, "Rejet de prélèvement", "returned_debit", debits, back, returned)
    ]


def _bills(business: Business, invoices: Invoices) -> None:
    """Bills of exchange: accepted ten days after the invoice, collected when they fall due."""
    rows = _chosen(invoices, BILL)
    customer, document = invoices.customer[rows], invoices.document[rows]
    owed, group = invoices.owed[rows], invoices.group[rows]
    business.book.post(
        MISCELLANEOUS,
        working(invoices.issued[rows] + 10),
        "Effet accepté",
        Leg("413000", owed, group=group, item_type="transfer"),
        Leg("411000", -owed, group=group, item_type="transfer"),
        document=document,
        party=customer,
    )
    day = working(np.maximum(invoices.due[rows], invoices.issued[rows] + 15))
    match = business.book.new_matches(len(rows), "bill")
    movement = business.bank.add(day, owed, bank.BILL_IN, match, party=customer, document=document)
    business.paid.append((movement, document, owed))
    booked = business.booked(day)
    business.book.post(
        BANK,
        booked,
        "Effet encaissé",
        Leg("512000", owed, match=match),
        Leg("413000", -owed, group=group, item_type="payment"),
        document=business.documents.add("LCR", booked, party=customer),
        party=customer,
    )


def _doubtful(business: Business, invoices: Invoices, years: tuple[FiscalYear, ...]) -> None:
    """At the end of a year, what disputing customers owe for 120 days becomes doubtful, and is written down in full."""
    unpaid = np.flatnonzero(invoices.is_refused)
    for year in years:
        end = np.datetime64(year.end)
        rows = unpaid[invoices.due[unpaid] + 120 < end]
        unpaid = unpaid[invoices.due[unpaid] + 120 >= end]
        day = np.full(len(rows), end)
        owed = invoices.owed[rows]
        legs = (
            Leg("416000", owed, group=invoices.group[rows], item_type="transfer"),
            Leg("411000", -owed, group=invoices.group[rows], item_type="transfer"),
            Leg("681740", invoices.net[rows]),
            Leg("491000", -invoices.net[rows]),
        )
        business.book.post(
            MISCELLANEOUS,
            day,
            "Passage en douteux",
            *legs,
            document=invoices.document[rows],
            party=invoices.customer[rows],
        )
