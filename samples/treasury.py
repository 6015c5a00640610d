"""The savings account of a company that has one: money goes there and comes back, and bears interest."""

import numpy as np

from samples import bank
from samples.book import Leg
from samples.business import Business
from samples.chart import BANK
from samples.days import month_end, month_ends, working


def move_money(business: Business) -> None:
    """Post a transfer to the savings account each month, one back every fourth, and interest each quarter."""
    end = month_ends(business.start, business.as_of)
    count = len(end)
    sign = np.where(np.arange(count) % 4 == 3, 1, -1)
    cents = business.rng.integers(5, 16, count) * 100_000
    left = working(month_end(end) - business.rng.integers(20, 25, count))
    arrived = working(left + business.rng.integers(0, 3, count))
    document = business.documents.add("VI", left)
    for account, movements, days, amounts in (
        ("512000", business.bank, np.where(sign < 0, left, arrived), sign * cents),
        ("512100", business.savings, np.where(sign < 0, arrived, left), -sign * cents),
    ):
        match = business.book.new_matches(count, "internal_transfer")
        movements.add(days, amounts, bank.OWN_TRANSFER, match)
        business.book.post(
            BANK,
            days,
            "Virement interne",
            Leg(account, amounts, match=match),
            Leg("580000", -amounts),
            document=document,
        )

    quarter = working(end[2::3])
    interest = business.rng.integers(2_000, 9_000, len(quarter))
    match = business.book.new_matches(len(quarter), "overheads")
    business.savings.add(quarter, interest, bank.INTEREST, match)
    noticed = working(quarter + 6)
    business.book.post(
        BANK,
        noticed,
        "Intérêts créditeurs",
        Leg("512100", interest, match=match),
        Leg("768000", -interest),
        document=business.documents.add("INT", noticed),
    )
