"""Amounts, dates and shares as each language writes them: 1 234,56 € and €1,234.56."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from documents.texts import Language

SIGNS: Final = {"EUR": "€", "USD": "$", "GBP": "£"}
CENT: Final = Decimal("0.01")
THIN: Final = "\u202f"
"""Narrow no-break space: French groups thousands by it."""
BLANK: Final = "\u00a0"

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_AMOUNT: Final = re.compile(r"(?<![\w.,-])(-?\d+\.\d{2})(?: ([A-Z]{3}))?(?![\w.])")
_DAY: Final = re.compile(r"(?<![\w-])(\d{4})-(\d{2})-(\d{2})(?![\w-])")


def number(value: Decimal, language: Language) -> str:
    """An amount without its currency, with two decimals, or as many as it has."""
    cents = value.quantize(CENT)
    text = f"{cents if cents == value else value.normalize():,}"
    return text if language == "en" else text.replace(",", THIN).replace(".", ",")


def tenth(value: Decimal, language: Language) -> str:
    """A figure to the tenth, such as an average of days."""
    text = f"{value:,.1f}"
    return text if language == "en" else text.replace(",", THIN).replace(".", ",")


def amount(value: Decimal | None, currency: str | None, language: Language) -> str:
    """An amount with its currency; nothing for none."""
    if value is None:
        return ""
    digits, sign = number(abs(value), language), "-" if value < 0 else ""
    if not currency:
        return f"{sign}{digits}"
    mark = SIGNS.get(currency, currency)
    if language == "fr":
        return f"{sign}{digits}{BLANK}{mark}"
    return f"{sign}{mark}{digits}" if currency in SIGNS else f"{sign}{mark}{BLANK}{digits}"


def day(value: date | None, language: Language) -> str:
    """A date: 31/12/2026, or 31 Dec 2026; nothing for none."""
    if value is None:
        return ""
    if language == "fr":
        return f"{value.day:02d}/{value.month:02d}/{value.year:04d}"
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime, zone: str, language: Language) -> str:
    """A moment to the minute, as the clocks of a time zone show it."""
    value = value.astimezone(ZoneInfo(zone))
    return f"{day(value.date(), language)} {value:%H:%M}"


def share(part: Decimal | int, whole: Decimal | int, language: Language) -> str:
    """A part in percent, with one decimal; a dash where the whole is nothing."""
    if not whole:
        return "–"
    return _percent(f"{Decimal(part) / Decimal(whole):.1%}", language)


def whole_percent(value: Decimal, language: Language) -> str:
    """A ratio in whole percents, rounded down: 99.99 % is not all."""
    return _percent(f"{int(value * 100)}%", language)


def _percent(text: str, language: Language) -> str:
    return text if language == "en" else text.replace(".", ",").replace("%", f"{BLANK}%")


def localised(sentence: str, language: Language) -> str:
    """A sentence of the marts with its amounts and ISO dates as the language writes them."""
    sentence = _DAY.sub(lambda found: _day_or_text(found, language), sentence)
    return _AMOUNT.sub(lambda found: amount(Decimal(found[1]), found[2], language), sentence)


def _day_or_text(found: re.Match[str], language: Language) -> str:
    try:
        return day(date(int(found[1]), int(found[2]), int(found[3])), language)
    except ValueError:
        return found[0]


def iban(number: str) -> str:
    """An IBAN in groups of four, as it is printed; another account number as it is."""
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}", number):
        return number
    return BLANK.join(number[start : start + 4] for start in range(0, len(number), 4))
