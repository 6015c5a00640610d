"""What dates and amounts mean under a mapping, cell by cell and as columns."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from home.mapping import Mapping
from ingestion.mapping.cells import EPOCH, amounts, clean, dates, joined_texts, read_date, read_units
from ingestion.reading import UnreadableError


def mapping(**said: object) -> Mapping:
    columns = {"booking_date": "Date", "amount": "Amount"}
    return Mapping.model_validate({"name": "m", "lands_as": "bank_statement", "columns": columns} | said)


@pytest.mark.parametrize(
    ("text", "mark", "expected"),
    [
        ("1234.50", ".", "1234.50"),
        ("1234,50", ",", "1234.50"),
        ("1,533.50", ".", "1533.50"),
        ("1.533,50", ",", "1533.50"),
        ("1'234.50", ".", "1234.50"),
        ("1’234’567.5", ".", "1234567.5"),
        ("1 234,50", ",", "1234.50"),
        ("1\u00a0234\u202f567,00", ",", "1234567"),
        ("1,000", ".", "1000"),
        ("1,000", ",", "1"),
        ("-12.00", ".", "-12"),
        ("12.00-", ".", "-12"),
        ("−12.00", ".", "-12"),
        ("(12.00)", ".", "-12"),
        ("- 12.00", ".", "-12"),
        ("+412.41", ".", "412.41"),
        ("CHF 5.00", ".", "5"),
        ("-CHF 5.00", ".", "-5"),
        ("'USD 9.126,07", ",", "9126.07"),
        ("'544,00 $", ",", "544"),
        ("5.00 €", ".", "5"),
        (".25", ".", "0.25"),
        ("7.", ".", "7"),
        ("0.12345", ".", "0.12345"),
        ("0.1234500", ".", "0.12345"),
        ("000000000000000000001.00", ".", "1"),
    ],
)
def test_amounts_mean_what_people_and_banks_write(text: str, mark: str, expected: str) -> None:
    assert Decimal(read_units(text, mark)).scaleb(-5) == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "mark", "words"),
    [
        ("1533,50", ".", "with a point before its decimals"),
        ("1533.50", ",", "with a comma before its decimals"),
        ("1,53", ".", "is not an amount"),
        ("12 34", ".", "is not an amount"),
        ("abc", ".", "is not an amount"),
        ("-", ".", "is not an amount"),
        ("1.2.3", ".", "is not an amount"),
        ("0.123456", ".", "more than 5 decimals"),
        ("1" * 30, ".", "too large"),
        ("١٢", ".", "is not an amount"),
    ],
)
def test_what_is_no_amount_under_the_mapping_is_said_to_be_none(text: str, mark: str, words: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_units(text, mark)
    assert words in caught.value.reason
    (column,) = [amounts(pa.array([text]), mapping(decimal_mark=mark))]
    assert column.is_bad.tolist() == [True]


@pytest.mark.parametrize(
    ("text", "formats", "expected"),
    [
        ("31.12.2025", ("%d.%m.%Y",), date(2025, 12, 31)),
        ("1.2.25", ("%d.%m.%y",), date(2025, 2, 1)),
        ("12/15/2018", ("%m/%d/%Y",), date(2018, 12, 15)),
        ("02092015", ("%d%m%Y",), date(2015, 9, 2)),
        ("20090401", ("%d.%m.%Y", "%Y%m%d"), date(2009, 4, 1)),
        ("15-Jan-2024", ("%d-%b-%Y",), date(2024, 1, 15)),
        ("15 janv. 2024", ("%d %b %Y",), date(2024, 1, 15)),
        ("3 août 2024", ("%d %b %Y",), date(2024, 8, 3)),
        ("3. März 2024", ("%d. %b %Y",), date(2024, 3, 3)),
        ("01.07.69", ("%d.%m.%y",), date(2069, 7, 1)),
        ("01.07.70", ("%d.%m.%y",), date(1970, 7, 1)),
        ("2024-07-02 00:00:00.0", ("%d.%m.%Y",), date(2024, 7, 2)),
        ("02.08.2017 01:51", ("%d.%m.%Y",), date(2017, 8, 2)),
        ("2024-07-02T10:00:00Z", ("%d/%m/%Y",), date(2024, 7, 2)),
        ("45474", ("%d/%m/%Y",), date(2024, 7, 1)),
        ("", ("%d/%m/%Y",), None),
        ("00/00/0000", ("%d/%m/%Y",), None),
        ("00000000", ("%Y%m%d",), None),
    ],
)
def test_dates_are_read_as_the_mapping_says(
    text: str, formats: tuple[str, ...], expected: date | None
) -> None:
    assert read_date(text, formats) == expected
    column = dates(pa.array([text]), mapping(date_formats=formats))
    assert column.is_there.tolist() == [expected is not None]
    if expected:
        assert column.numbers.tolist() == [(expected - EPOCH).days]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("12/15/2018", "is no day of the calendar"),
        ("31/02/2024", "is no day of the calendar"),
        ("01/01/2999", "lies outside 1950 to 2100"),
        ("Total", "is not a date of the form DD/MM/YYYY"),
        ("1/2", "is not a date"),
        ("01/01/20245", "is not a date"),
    ],
)
def test_what_is_no_date_is_said_to_be_none(text: str, words: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_date(text, ("%d/%m/%Y",))
    assert words in caught.value.reason
    assert dates(pa.array([text]), mapping(date_formats=("%d/%m/%Y",))).is_bad.tolist() == [True]


def test_a_month_that_nobody_knows_is_said_to_be_none() -> None:
    with pytest.raises(UnreadableError, match="names no month"):
        read_date("15-Foo-2024", ("%d-%b-%Y",))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('="CHF"', "CHF"),
        ("=26.55.7664", "26.55.7664"),
        ('"FILIALE;VIGANELLO"', "FILIALE;VIGANELLO"),
        ("  x\t", "x"),
        ('5" screw', '5" screw'),
        ("=", ""),
        ("", ""),
    ],
)
def test_cells_lose_what_keeps_a_spreadsheet_from_changing_them(cell: str, expected: str) -> None:
    assert clean(cell) == expected


@given(st.lists(st.decimals(-(10**12), 10**12, places=5), max_size=30), st.sampled_from(".,"))
def test_columns_of_amounts_are_exact(values: list[Decimal], mark: str) -> None:
    written = [format(value, "f").replace(".", mark) for value in values]
    column = amounts(pa.array(written, pa.string()), mapping(decimal_mark=mark))
    assert [Decimal(number).scaleb(-5) for number in column.numbers.tolist()] == values
    assert column.is_there.all()


def test_texts_of_several_columns_stay_in_their_rows_where_all_of_a_row_are_empty() -> None:
    first = pa.array(["a", None, None, "d", None])
    second = pa.array([None, None, "c", "e", None])
    third = pa.array([None] * 5, pa.string())
    assert joined_texts([first, second, third]).to_pylist() == ["a", None, "c", "d e", None]
