"""What a company buys and how it pays: weekly payment runs, cheques, bills; sometimes a credit note."""

import numpy as np
import numpy.typing as npt

from samples import bank
from samples.book import Leg
from samples.business import Business, batches, totals
from samples.chart import BANK, MISCELLANEOUS, PURCHASES
from samples.days import Days, Ints, draw_working_days, due_days, next_weekday, working
from samples.documents import CREDIT_NOTE, INVOICE
from samples.profiles import ASSETS, BILLS, CHEQUES, TRANSFERS
from samples.scenarios import SCENARIO_INDEX
from samples.transfers import transposed

TRANSFERS_PER_BATCH = 40

NEVER = 1_000
"""Days after which nothing of a sample happens any more."""

_SCENARIOS = {
    TRANSFERS: "supplier_transfer",
    ASSETS: "supplier_transfer",
    CHEQUES: "supplier_cheque",
    BILLS: "supplier_bill",
}


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
    for kind, scenario in _SCENARIOS.items():
        business.book.label_groups(group[behaviour == kind], scenario)

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
    credit_note = _credit(business, issued, supplier, document, credited, vat * credited // owed, group)
    business.book.label_groups(group[credited > 0], "credit_note")
    for chosen, account in ((behaviour == TRANSFERS, "401000"), (behaviour == ASSETS, "404000")):
        _pay_by_transfer(
            business,
            np.flatnonzero(chosen),
            run,
            supplier,
            document,
            owed,
            credited,
            credit_note,
            group,
            account,
        )
    rows = np.flatnonzero(behaviour == CHEQUES)
    _pay_by_cheque(business, due[rows], supplier[rows], document[rows], owed[rows], group[rows])
    rows = np.flatnonzero(behaviour == BILLS)
    _pay_by_bill(business, issued[rows], due[rows], supplier[rows], document[rows], owed[rows], group[rows])


def _payment_runs(due: Days, late: Ints) -> Days:
    """The Thursday on which each invoice is paid."""
    return next_weekday(due + late, "Thu")


def _credit(
    business: Business,
    issued: Days,
    supplier: Ints,
    document: Ints,
    credited: Ints,
    vat: Ints,
    group: Ints,
) -> Ints:
    """Credit notes on what is ``credited``. Returns each row's document, -1 for none."""
    documents = np.full(len(credited), -1, dtype=np.int64)
    rows = np.flatnonzero(credited)
    day = working(issued[rows] + business.rng.integers(3, 20, len(rows)))
    documents[rows] = business.documents.add(
        "AF", day, kind=CREDIT_NOTE, party=supplier[rows], total=credited[rows], vat=vat[rows]
    )
    business.book.post(
        PURCHASES,
        day,
        "Avoir fournisseur",
        Leg("401000", credited[rows], group=group[rows], item_type="credit_note"),
        Leg(business.profile.purchase_accounts[0], vat[rows] - credited[rows]),
        Leg("445660", -vat[rows]),
        document=documents[rows],
        party=supplier[rows],
        named=document[rows],
    )
    return documents


def _pay_by_transfer(
    business: Business,
    rows: Ints,
    run: Days,
    supplier: Ints,
    document: Ints,
    owed: Ints,
    credited: Ints,
    credit_note: Ints,
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
    size = np.bincount(batch, minlength=len(batch_first))
    is_batch = business.profile.pays_suppliers_in_batches
    match = business.book.new_matches(len(batch_first), "supplier_batch" if is_batch else "supplier_transfer")
    party = np.where(size == 1, paid_supplier[batch_first], -1)
    first_document = np.where(size == 1, document[rows][first][batch_first], -1)
    is_wrong = _pay_wrongly(business, batch_day, total, party, first_document, account)
    right_day = np.where(is_wrong, working(batch_day + 4), batch_day)
    movement = business.bank.add(
        business.some_days_after(right_day, (0, 1, 2), (0.75, 0.2, 0.05)),
        -total,
        bank.TRANSFER_OUT,
        match,
        party=party,
        document=first_document,
        count=size,
    )
    noted = rows[credited[rows] > 0]
    noted_payment = payment[credited[rows] > 0]
    business.paid.append((movement[batch[payment]], document[rows], -owed[rows]))
    business.paid.append((movement[batch[noted_payment]], credit_note[noted], credited[noted]))
    business.book.post(
        BANK,
        right_day,
        "Règlement fournisseur",
        Leg(account, cents, batch, paid_supplier, group=paid_group, item_type="payment"),
        Leg("512000", -total, match=match),
        document=business.documents.add("REG", right_day),
        party=party,
    )


def _pay_wrongly(
    business: Business, day: Days, cents: Ints, party: Ints, document: Ints, account: str
) -> npt.NDArray[np.bool_]:
    """Now and then a transfer leaves with the wrong amount, comes back, and is made again. Returns which did.

    Half of them are never booked: only the right one is.
    """
    is_wrong = (party >= 0) & (business.rng.random(len(day)) < 0.015)
    rows = np.flatnonzero(is_wrong)
    wrong = transposed(cents[rows])
    wrong = np.where(wrong == cents[rows], cents[rows] + 9_000, wrong)
    back = working(day[rows] + 2)
    is_booked = business.rng.random(len(rows)) < 0.5
    book = business.book
    went, came = book.new_matches(len(rows), "wrong_payment"), book.new_matches(len(rows), "wrong_payment")
    # What nobody booked cancels out at the bank.
    came = np.where(is_booked, came, went)
    business.bank.add(day[rows], -wrong, bank.TRANSFER_OUT, went, party=party[rows], document=document[rows])
    business.bank.add(back, wrong, bank.TRANSFER_BACK, came, party=party[rows], document=document[rows])
    booked = np.flatnonzero(is_booked)
    group = book.new_groups(len(booked), "wrong_payment")
    reference = business.documents.add("REG", day[rows][booked])
    for days, label, sign, match in (
        (day[rows], "Règlement fournisseur", 1, went),
        (back, "Virement retourné", -1, came),
    ):
        book.post(
            BANK,
            days[booked],
            label,
            Leg(account, sign * wrong[booked], group=group, item_type="payment"),
            Leg("512000", -sign * wrong[booked], match=match[booked]),
            document=reference,
            party=party[rows][booked],
        )
    return is_wrong


def _pay_by_cheque(
    business: Business, due: Days, supplier: Ints, document: Ints, owed: Ints, group: Ints
) -> None:
    """Cheques are booked when written, and reach the bank days or weeks later, or never.

    Of a hundred cheques four get lost: they are cancelled in the books, and written again.
    """
    rng, book = business.rng, business.book
    day = working(due + rng.integers(0, 10, len(due)))
    fate = rng.random(len(day))
    cancelled = working(day + rng.integers(20, 40, len(day)))
    # Until it is cancelled, a lost cheque is a cheque like another.
    is_lost = fate < 0.04
    is_cancelled = is_lost & (cancelled <= np.datetime64(business.as_of))
    lost = np.flatnonzero(is_lost)
    kept = np.where(is_lost, cancelled, day)
    is_never_presented = ~is_lost & (fate < 0.08)

    void_match = book.new_matches(len(lost), "void_and_reissue")
    void_group = np.where(is_cancelled[lost], book.new_groups(len(lost), "void_and_reissue"), group[lost])
    void_number = business.documents.add("CH", day[lost], party=supplier[lost])
    for days, label, sign in ((day[lost], "Chèque émis", 1), (cancelled[lost], "Annulation de chèque", -1)):
        book.post(
            BANK,
            days,
            label,
            Leg("401000", sign * owed[lost], group=void_group, item_type="payment"),
            Leg("512000", -sign * owed[lost], match=void_match),
            document=void_number,
            party=supplier[lost],
        )

    cleared = working(kept + np.where(is_never_presented, NEVER, rng.integers(3, 25, len(day))))
    match = book.new_matches(
        len(day),
        np.where(is_never_presented, SCENARIO_INDEX["never_presented"], SCENARIO_INDEX["supplier_cheque"]),
    )
    number = business.documents.add("CH", kept, party=supplier)
    movement = business.bank.add(cleared, -owed, bank.CHEQUE_OUT, match, document=number)
    business.paid.append((movement, document, -owed))
    book.post(
        BANK,
        kept,
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
    match = business.book.new_matches(len(day), "supplier_bill")
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
