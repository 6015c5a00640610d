"""What every ledger holds besides trade: pay, social charges, VAT, bank fees, a loan, and the till of a shop."""

import numpy as np

from samples import bank
from samples.book import Leg
from samples.business import Business, totals
from samples.chart import BANK, MISCELLANEOUS, SALES
from samples.days import Days, Ints, draw_working_days, month_ends, working


def pay_staff(business: Business, count: int) -> None:
    """Post ``count`` pay entries over the month ends, each with the transfers that pay it."""
    ends = month_ends(business.start, business.as_of)
    if len(ends) == 0:
        return
    day = working(ends[np.arange(count) % len(ends)] - 3)
    gross = business.rng.integers(800_000, 2_500_000, count)
    employee, employer, pension = gross * 22 // 100, gross * 35 // 100, gross * 6 // 100
    document = business.documents.add("PAIE", day)
    business.book.post(
        MISCELLANEOUS,
        day,
        "Paie du mois",
        Leg("641100", gross),
        Leg("645100", employer + pension),
        Leg("421000", employee - gross),
        Leg("431000", -(employee + employer)),
        Leg("437000", -pension),
        document=document,
    )
    _pay_people(business, day, gross - employee)
    due = working((day.astype("datetime64[M]") + 1).astype("datetime64[D]") + 14)
    _pay_from_bank(
        business, due, "431000", employee + employer, "Cotisations sociales", bank.TAXES_OUT, "URS"
    )
    _pay_from_bank(business, due, "437000", pension, "Cotisations sociales", bank.TAXES_OUT, "RET")


def _pay_people(business: Business, day: Days, cents: Ints) -> None:
    """One entry for transfers to two to five people, a line each at the bank, which repeats the run's number."""
    people = business.rng.integers(2, 6, len(day))
    entry = np.repeat(np.arange(len(day)), people)
    share = (cents // people)[entry] - business.rng.integers(0, 20_000, len(entry))
    rest = cents - totals(share, entry, len(day))
    share[np.cumsum(people) - 1] += rest
    match = business.book.new_matches(len(day), "salaries")
    document = business.documents.add("SAL", day)
    business.bank.add(day[entry], -share, bank.SALARIES_OUT, match[entry], document=document[entry])
    business.book.post(
        BANK,
        day,
        "Paiement des salaires",
        Leg("421000", cents),
        Leg("512000", -cents, match=match),
        document=document,
    )


def _pay_from_bank(
    business: Business,
    day: Days,
    account: str,
    cents: Ints,
    label: str,
    kind: int,
    prefix: str,
) -> None:
    kept = cents > 0
    day, cents = day[kept], cents[kept]
    match = business.book.new_matches(len(day), "overheads")
    business.bank.add(day, -cents, kind, match)
    business.book.post(
        BANK,
        day,
        label,
        Leg(account, cents),
        Leg("512000", -cents, match=match),
        document=business.documents.add(prefix, day),
    )


def pay_bank(business: Business) -> None:
    """Fees and a loan instalment each month, and what nobody has booked: commissions and debits of strangers."""
    day = working(month_ends(business.start, business.as_of))
    fees = business.rng.integers(1_500, 9_000, len(day))
    _pay_from_bank(business, day, "627000", fees, "Frais bancaires", bank.FEES, "FB")
    interest = 40_000 - 1_000 * np.arange(len(day), dtype=np.int64)
    match = business.book.new_matches(len(day), "overheads")
    business.bank.add(day, np.full(len(day), -240_000), bank.LOAN, match)
    business.book.post(
        BANK,
        day,
        "Échéance d'emprunt",
        Leg("164000", 240_000 - interest),
        Leg("661100", interest),
        Leg("512000", np.full(len(day), -240_000), match=match),
        document=business.documents.add("EMP", day),
    )
    for kind, smallest, largest in ((bank.COMMISSION, 500, 4_000), (bank.DEBIT_OUT, 2_000, 30_000)):
        strange = draw_working_days(business.rng, business.start, business.as_of, max(2, len(day) // 3))
        business.bank.add(
            strange,
            -business.rng.integers(smallest, largest, len(strange)),
            kind,
            business.book.new_matches(len(strange), "bank_only"),
        )


def declare_vat(business: Business) -> None:
    """Close each whole month's VAT accounts, and pay what is due on the twentieth of the next."""
    day = month_ends(business.start, business.as_of)
    book = business.book
    output, goods, assets = (book.monthly_balance(code, day) for code in ("445710", "445660", "445620"))
    owed = -(output + goods + assets)
    book.post(
        MISCELLANEOUS,
        day,
        "Déclaration de TVA",
        Leg("445710", -output),
        Leg("445660", -goods),
        Leg("445620", -assets),
        Leg("445510", np.minimum(0, -owed)),
        Leg("445670", np.maximum(0, -owed)),
        document=business.documents.add("TVA", day),
    )
    paid = working((day.astype("datetime64[M]") + 1).astype("datetime64[D]") + 19)
    _pay_from_bank(
        business, paid, "445510", np.maximum(0, owed), "Paiement de la TVA", bank.TAXES_OUT, "DGFIP"
    )


def sell_over_the_counter(business: Business, count: int) -> None:
    """Post ``count`` days of a till paid by card.

    The bank keeps a half per cent of each batch. The ledger shows the fee, except in the last month, where
    nobody has booked it yet, and where it was forgotten.
    """
    day = draw_working_days(business.rng, business.start, business.as_of, count)
    net = business.draw_amounts(60_000, count)
    vat = business.vat_on(net)
    gross = net + vat
    document = business.documents.add("Z", day)
    business.book.post(
        SALES,
        day,
        "Ventes comptoir",
        Leg("511500", gross),
        Leg("707000", -net),
        Leg("445710", -vat),
        document=document,
    )
    paid = working(day + 1)
    fee = gross // 200
    match = business.book.new_matches(count, "card_batch")
    business.bank.add(paid, gross - fee, bank.CARDS_IN, match, document=document, count=gross // 4_000 + 1)
    is_booked = (paid < np.datetime64(business.as_of) - 30) & (business.rng.random(count) > 0.1)
    booked_fee = np.where(is_booked, fee, 0)
    business.book.post(
        BANK,
        paid,
        "Remise cartes bancaires",
        Leg("512000", gross - booked_fee, match=match),
        Leg("627000", booked_fee),
        Leg("511500", -gross),
        document=document,
    )
