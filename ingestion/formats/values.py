"""Dates and amounts as people and software write them, one cell at a time.

Here: what a written date or amount means. Not here: columns, files.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Final

from ingestion.reading import UnreadableError

COMPACT_DATE: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
ISO_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
FRENCH_DATE: Final = re.compile(r"(?P<day>[0-9]{2})/(?P<month>[0-9]{2})/(?P<year>[0-9]{4})")
NO_DATE: Final = re.compile(r"0+|0000-00-00|00/00/0000")

EARLIEST_YEAR: Final = 1950
LATEST_YEAR: Final = 2100

THOUSANDS: Final = re.compile(r"(?<=[0-9])['’\s](?=[0-9]{3}(?:[^0-9]|$))")
AMOUNT: Final = re.compile(r"(?P<sign>[+-]?)(?P<whole>[0-9]*)(?:[.,](?P<fraction>[0-9]*))?")
GROUPED: Final = re.compile(
    r"[+-]?[0-9]{1,3}(?:(?P<group>[.,])[0-9]{3}(?:(?P=group)[0-9]{3})*)(?P<mark>[.,])[0-9]*"
)


def read_date(text: str) -> date | None:
    """The date written as YYYYMMDD, YYYY-MM-DD or DD/MM/YYYY; None for zeros, which some software writes for none.

    Raises ``UnreadableError`` for anything else, and for years outside 1950 to 2100.
    """
    if NO_DATE.fullmatch(text):
        return None
    if match := COMPACT_DATE.fullmatch(text) or ISO_DATE.fullmatch(text):
        year, month, day = map(int, match.groups())
    elif match := FRENCH_DATE.fullmatch(text):
        year, month, day = int(match["year"]), int(match["month"]), int(match["day"])
    else:
        raise UnreadableError(f"“{text}” is not a date", "Write dates as YYYYMMDD, YYYY-MM-DD or DD/MM/YYYY.")
    try:
        value = date(year, month, day)
    except ValueError:
        raise UnreadableError(
            f"“{text}” is no day of the calendar", "Correct the date in the source."
        ) from None
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise UnreadableError(
            f"“{text}” lies outside {EARLIEST_YEAR} to {LATEST_YEAR}", "Correct the year in the source."
        )
    return value


def read_amount(text: str, decimals: int = 2, digits: int = 18) -> Decimal:
    """The amount, with a comma or a point before its decimals, and spaces or apostrophes between thousands.

    A sign may stand before or after it, or parentheses around it for a negative. Where both comma and point occur, the
    last is the decimal mark.

    Raises ``UnreadableError`` for anything else, for more than ``digits`` digits, ``decimals`` of them after the mark,
    and where digits other than zero would be lost beyond these.
    """
    compact = THOUSANDS.sub("", text.strip())
    if compact.startswith("(") and compact.endswith(")"):
        compact = f"-{compact[1:-1]}"
    elif compact.endswith(("-", "+")):
        compact = compact[-1] + compact[:-1].rstrip()
    if (grouped := GROUPED.fullmatch(compact)) and grouped["group"] != grouped["mark"]:
        compact = compact.replace(grouped["group"], "")
    match = AMOUNT.fullmatch(compact)
    if not match or not (match["whole"] or match["fraction"]):
        raise UnreadableError(f"“{text}” is not an amount", "Write amounts with digits and one decimal mark.")
    whole = match["whole"].lstrip("0")
    fraction = (match["fraction"] or "").rstrip("0")
    if len(fraction) > decimals:
        raise UnreadableError(
            f"“{text}” has more than {decimals} decimals", f"Export amounts rounded to {decimals} decimals."
        )
    if len(whole) > digits - decimals:
        raise UnreadableError(f"“{text}” is too large for an amount", "Correct the amount in the source.")
    return Decimal(f"{match['sign']}{whole or '0'}.{fraction.ljust(decimals, '0')}")
