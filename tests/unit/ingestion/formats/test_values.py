from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.formats.values import read_amount, read_date
from ingestion.reading import UnreadableError


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", "0.00"),
        ("1200", "1200.00"),
        ("1200,5", "1200.50"),
        ("1200.50", "1200.50"),
        ("+000001107,13", "1107.13"),
        ("-12,34", "-12.34"),
        ("12,34-", "-12.34"),
        ("(12,34)", "-12.34"),
        (",50", "0.50"),
        ("1 234 567,89", "1234567.89"),
        ("1\u00a0234,50", "1234.50"),
        ("1\u202f234,50", "1234.50"),
        ("1'234.50", "1234.50"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1.234.567,8", "1234567.80"),
        ("12,3400", "12.34"),
        ("9999999999999999,99", "9999999999999999.99"),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, amount: str) -> None:
    assert read_amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text", ["", "-", ",", "abc", "12,345", "1e5", "1,2,3", "12 34", "12€", "--5", "99999999999999999", "١٢"]
)
def test_what_is_no_amount_of_two_decimals_is_said_so(text: str) -> None:
    with pytest.raises(UnreadableError, match=r"amount|decimals"):
        read_amount(text)


@pytest.mark.parametrize("text", ["20250131", "2025-01-31", "31/01/2025"])
def test_dates_are_read_in_three_forms(text: str) -> None:
    assert read_date(text) == date(2025, 1, 31)


@pytest.mark.parametrize("text", ["0", "00000000", "0000-00-00", "00/00/0000"])
def test_a_date_of_zeros_is_no_date(text: str) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("20250230", "no day of the calendar"),
        ("2025013", "not a date"),
        ("01/31/2025", "no day of the calendar"),
        ("31.01.2025", "not a date"),
        ("19491231", "outside 1950 to 2100"),
        ("21010101", "outside 1950 to 2100"),
        ("٢٠٢٥٠١٣١", "not a date"),
    ],
)
def test_what_is_no_date_is_said_so(text: str, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        read_date(text)


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=2), st.sampled_from([",", "."]))
def test_every_amount_survives_being_written(amount: Decimal, mark: str) -> None:
    assert read_amount(f"{amount:.2f}".replace(".", mark)) == amount


@given(
    st.dates(min_value=date(1950, 1, 1), max_value=date(2100, 12, 31)),
    st.sampled_from(["%Y%m%d", "%Y-%m-%d", "%d/%m/%Y"]),
)
def test_every_date_survives_being_written(day: date, form: str) -> None:
    assert read_date(day.strftime(form)) == day
