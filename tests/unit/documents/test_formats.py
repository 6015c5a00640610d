"""Amounts, dates and shares as each language writes them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from documents import formats
from documents.texts import Language

FR, EN = "fr", "en"


@pytest.mark.parametrize(
    ("value", "currency", "language", "shown"),
    [
        ("1234.56", "EUR", FR, "1\u202f234,56\u00a0€"),
        ("1234.56", "EUR", EN, "€1,234.56"),
        ("-1234567.8", "EUR", FR, "-1\u202f234\u202f567,80\u00a0€"),
        ("-1234567.8", "EUR", EN, "-€1,234,567.80"),
        ("0", "USD", FR, "0,00\u00a0$"),
        ("12.5", "CHF", EN, "CHF\u00a012.50"),
        ("12.5", "CHF", FR, "12,50\u00a0CHF"),
        ("12.5", None, FR, "12,50"),
        ("0.12345", "KWD", EN, "KWD\u00a00.12345"),
        ("9007199254740993.01", "EUR", EN, "€9,007,199,254,740,993.01"),
    ],
)
def test_amounts(value: str, currency: str | None, language: Language, shown: str) -> None:
    assert formats.amount(Decimal(value), currency, language) == shown


def test_dates() -> None:
    assert formats.day(date(2026, 3, 9), FR) == "09/03/2026"
    assert formats.day(date(2026, 3, 9), EN) == "9 Mar 2026"
    assert formats.day(None, FR) == ""


def test_moments_are_those_of_the_homes_clocks() -> None:
    at = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    assert formats.moment(at, "Europe/Paris", FR) == "01/07/2026 00:30"
    assert formats.moment(at, "America/New_York", EN) == "30 Jun 2026 18:30"


def test_shares() -> None:
    assert formats.share(Decimal("1"), Decimal("3"), FR) == "33,3\u00a0%"
    assert formats.share(1, 3, EN) == "33.3%"
    assert formats.share(1, 0, EN) == "–"


def test_what_is_nearly_all_is_not_all() -> None:
    assert formats.whole_percent(Decimal("0.9999"), EN) == "99%"
    assert formats.whole_percent(Decimal("1"), FR) == "100\u00a0%"


def test_sentences_of_the_marts() -> None:
    sentence = "708.00 EUR reçus le 2025-03-31 (VIR2025-000047) : écart -19.10 (frais)"
    assert formats.localised(sentence, FR) == (
        "708,00\u00a0€ reçus le 31/03/2025 (VIR2025-000047) : écart -19,10 (frais)"
    )
    assert formats.localised(sentence, EN) == (
        "€708.00 reçus le 31 Mar 2025 (VIR2025-000047) : écart -19.10 (frais)"
    )


@pytest.mark.parametrize("kept", ["2026-02-31", "1.2.34", "FA2026-03-31A", "v1.25.3", "12.345"])
def test_what_only_looks_like_a_date_or_an_amount_stays(kept: str) -> None:
    assert formats.localised(kept, FR) == kept


def test_account_numbers() -> None:
    assert formats.iban("FR7630006000011234567890189").replace("\u00a0", " ") == (
        "FR76 3000 6000 0112 3456 7890 189"
    )
    assert formats.iban("0001234567") == "0001234567"
