"""What a company buys and how it pays: weekly payment runs, cheques, bills; sometimes a credit note."""

import numpy as np

from samples import bank
from samples.book import Leg
from samples.business import Business, batches, totals
from samples.chart import BANK, MISCELLANEOUS, PURCHASES
from samples.days import Days, Ints, draw_working_days, due_days, next_weekday, working
from samples.documents import CREDIT_NOTE, INVOICE
from samples.profiles import ASSETS, BILLS, CHEQUES, TRANSFERS

TRANSFERS_PER_BATCH = 40


def buy(business: Business, count: int) -> None:
    """Post ``count`` purchase invoices, and all that follows from them up to the as-of date."""
    rng, parties = business.rng, business.parties
    supplier = business.draw_parties(parties.customers, len(parties), count)
    behaviour = parties.behaviours[supplier]
    issued = draw_working_days(rng, business.start, business.as_of, count)
    due = due_days(issued, parties.terms[supplier])
    net = business.draw_amounts(business.profile.median_purchase, count)
    vat = business.vat_on(net)
    owed = net + vat
    document = business.documents.add(
        "FF", issued, kind=INVOICE, due=due, party=supplier, total=owed, vat=vat
    )
    run = _payment_runs(due, rng.integers(-2, 25, count))
    # A run pays a supplier all that has come due: those invoices settle together.
    in_runs = np.isin(behaviour, (TRANSFERS, ASSETS))
    key = np.where(in_runs, -(supplier * 100_000 + run.astype(np.int64)) - 1, np.arange(count) + 1)
    _, first, position = np.unique(key, return_index=True, return_inverse=True)
    group = business.book.new_groups(len(first))[position]

    for is_asset, account, vat_account in ((False, "401000", "445660"), (True, "404000", "445620")):
        rows = np.flatnonzero((behaviour == ASSETS) == is_asset)
        main, second = ("215400", "215400") if is_asset else business.profile.purchase_accounts
        part = np.where(rng.random(len(rows)) < 0.5, net[rows] * rng.integers(2, 40, len(rows)) // 100, 0)
        business.book.post(
            PURCHASES,
            issued[rows],
            "Facture fournisseur",
            Leg(main, net[rows] - part),
            Leg(second, part),
            Leg(vat_account, vat[rows]),
            Leg(account, -owed[rows], group=group[rows], item_type="invoice"),
            document=document[rows],
            party=supplier[rows],
        )

    credited = np.where((rng.random(count) < 0.03) & (behaviour == TRANSFERS), owed // 5, 0)
    _credit(business, issued, supplier, credited, vat * credited // owed, group)
    for chosen, account in ((behaviour == TRANSFERS, "401000"), (behaviour == ASSETS, "404000")):
        _pay_by_transfer(
            business, np.flatnonzero(chosen), run, supplier, document, owed, credited, group, account
        )
    rows = np.flatnonzero(behaviour == CHEQUES)
    _pay_by_cheque(business, due[rows], supplier[rows], document[rows], owed[rows], group[rows])
    rows = np.flatnonzero(behaviour == BILLS)
    _pay_by_bill(business, issued[rows], due[rows], supplier[rows], document[rows], owed[rows], group[rows])


def _payment_runs(due: Days, late: Ints) -> Days:
    """The Thursday on which each invoice is paid."""
    return next_weekday(due + late, "Thu")


def _credit(business: Business, issued: Days, supplier: Ints, credited: Ints, vat: Ints, group: Ints) -> None:
    rows = np.flatnonzero(credited)
    day = working(issued[rows] + business.rng.integers(3, 20, len(rows)))
    document = business.documents.add(
        "AF", day, kind=CREDIT_NOTE, party=supplier[rows], total=credited[rows], vat=vat[rows]
    )
    business.book.post(
        PURCHASES,
        day,
        "Avoir fournisseur",
        Leg("401000", credited[rows], group=group[rows], item_type="credit_note"),
        Leg(business.profile.purchase_accounts[0], vat[rows] - credited[rows]),
        Leg("445660", -vat[rows]),
        document=document,
        party=supplier[rows],
    )


def _pay_by_transfer(
    business: Business,
    rows: Ints,
    run: Days,
    supplier: Ints,
    document: Ints,
    owed: Ints,
    credited: Ints,
    group: Ints,
    account: str,
) -> None:
    """One transfer per supplier and run; where the company pays in batches, one movement for many suppliers."""
    rows = rows[(owed - credited)[rows] > 0]
    paid_group, first, payment = np.unique(group[rows], return_index=True, return_inverse=True)
    cents = totals((owed - credited)[rows], payment, len(paid_group))
    day, paid_supplier = run[rows][first], supplier[rows][first]
    if business.profile.pays_suppliers_in_batches:
        batch, batch_first = batches(day, TRANSFERS_PER_BATCH)
    else:
        batch, batch_first = np.arange(len(day)), np.arange(len(day))
    batch_day = day[batch_first]
    total = totals(cents, batch, len(batch_first))
    match = business.book.new_matches(len(batch_first))
    size = np.bincount(batch, minlength=len(batch_first))
    movement = business.bank.add(
        batch_day,
        -total,
        bank.TRANSFER_OUT,
        match,
        party=np.where(size == 1, paid_supplier[batch_first], -1),
        document=np.where(size == 1, document[rows][first][batch_first], -1),
        count=size,
    )
    business.paid.append((movement[batch[payment]], document[rows], -(owed - credited)[rows]))
    business.book.post(
        BANK,
        batch_day,
        "Règlement fournisseur",
        Leg(account, cents, batch, paid_supplier, group=paid_group, item_type="payment"),
        Leg("512000", -total, match=match),
        document=business.documents.add("REG", batch_day),
        party=np.where(size == 1, paid_supplier[batch_first], -1),
    )


def _pay_by_cheque(
    business: Business, due: Days, supplier: Ints, document: Ints, owed: Ints, group: Ints
) -> None:
    """Cheques are booked when written, and reach the bank days or weeks later."""
    day = working(due + business.rng.integers(0, 10, len(due)))
    cleared = working(day + business.rng.integers(3, 25, len(day)))
    match = business.book.new_matches(len(day))
    number = business.documents.add("CH", day, party=supplier)
    movement = business.bank.add(cleared, -owed, bank.CHEQUE_OUT, match, document=number)
    business.paid.append((movement, document, -owed))
    business.book.post(
        BANK,
        day,
        "Chèque émis",
        Leg("401000", owed, group=group, item_type="payment"),
        Leg("512000", -owed, match=match),
        document=number,
        party=supplier,
    )


def _pay_by_bill(
    business: Business, issued: Days, due: Days, supplier: Ints, document: Ints, owed: Ints, group: Ints
) -> None:
    """Bills accepted ten days after the invoice and paid when they fall due."""
    business.book.post(
        MISCELLANEOUS,
        working(issued + 10),
        "Effet à payer",
        Leg("401000", owed, group=group, item_type="transfer"),
        Leg("403000", -owed, group=group, item_type="transfer"),
        document=document,
        party=supplier,
    )
    day = working(np.maximum(due, issued + 15))
    match = business.book.new_matches(len(day))
    movement = business.bank.add(day, -owed, bank.BILL_OUT, match, party=supplier, document=document)
    business.paid.append((movement, document, -owed))
    business.book.post(
        BANK,
        day,
        "Effet payé",
        Leg("403000", owed, group=group, item_type="payment"),
        Leg("512000", -owed, match=match),
        document=business.documents.add("BOR", day, party=supplier),
        party=supplier,
    )
