"""Columns of text to dates and amounts, as a mapping says they are written.

Here: what a written date or amount means under a mapping, cell by cell and column by column. Not here: rows, files.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from home.mapping import Mapping
from ingestion.formats.values import EARLIEST_YEAR, LATEST_YEAR
from ingestion.mapping.names import folded
from ingestion.reading import UnreadableError

UNIT_DECIMALS: Final = 5
"""Amounts are counted in units of 0.00001, as bank amounts are landed."""

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]

EPOCH: Final = date(1970, 1, 1)
SHEET_EPOCH: Final = date(1899, 12, 30)
"""Day 0 of a spreadsheet's serial dates, once the year 1900 has its false leap day."""

SERIAL: Final = re.compile(r"([0-9]{5})(?:\.[0-9]*)?")
ISO: Final = "%Y-%m-%d"
NO_DATE: Final = re.compile(r"[0\s./-]+")
TIME: Final = r"(?:[T\s].*)?"

DIRECTIVES: Final = {
    "%d": r"(?P<d>[0-9]{1,2})",
    "%m": r"(?P<m>[0-9]{1,2})",
    "%b": r"(?P<b>[^\W\d_]+)\.?",
    "%Y": r"(?P<Y>[0-9]{4})",
    "%y": r"(?P<y>[0-9]{2})",
}
TWO_DIGITS: Final = {"%d": r"(?P<d>[0-9]{2})", "%m": r"(?P<m>[0-9]{2})"}
"""Where nothing stands between the parts of a date, each has its full length."""

CENTURY_TURNS: Final = 70
"""%y below it is of this century, as in POSIX strptime, whose turn is 69."""

MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january janv janvier januar janner gen gennaio ene enero",
            "feb february fev fevr fevrier februar feber febbraio febrero",
            "mar march mars marz mrz maerz marzo",
            "apr april avr avril aprile abr abril",
            "may mai mag maggio mayo",
            "jun june juin juni giu giugno junio",
            "jul july juil juillet juli lug luglio julio",
            "aug august aout ago agosto",
            "sep sept september septembre set settembre septiembre",
            "oct october octobre okt oktober ott ottobre octubre",
            "nov november novembre noviembre",
            "dec december decembre dez dezember dic dicembre diciembre",
        ),
        1,
    )
    for name in names.split()
}

BLANKS: Final = " \t\xa0\u202f\u2009"
CURRENCY_BESIDE: Final = re.compile(
    r"^(?:[A-Z]{3}(?=[\s+-]|[0-9].*[.,][0-9]{2}$)|[€$£¥]|Fr\.)\s*|(?:\s[A-Z]{3}|\s?[€$£¥])$"
)
"""A currency before or behind an amount; a code that digits follow at once only where these have decimals, for INV0001
is a number of a document."""

WHOLE: Final = {
    ".": re.compile(r"(?:[0-9]{1,3}(?:[,'’\s][0-9]{3})+|[0-9]*)(?:\.[0-9]*)?"),
    ",": re.compile(r"(?:[0-9]{1,3}(?:[.'’\s][0-9]{3})+|[0-9]*)(?:,[0-9]*)?"),
}
LONGEST_WHOLE: Final = 13
PLAIN: Final = {
    ".": r"^[+-]?[0-9]{1,13}(\.[0-9]{1,5})?$",
    ",": r"^[+-]?[0-9]{1,13}(,[0-9]{1,5})?$",
}
"""Amounts that need no thought."""

WRAPPED: Final = re.compile(r'="?(?P<formula>.*?)"?|"(?P<quoted>.*)"', re.DOTALL)


def clean(cell: str) -> str:
    """The cell without blanks around it, and without the marks that keep a spreadsheet from changing it."""
    text = cell.strip()
    if text[:1] in ("=", '"') and (match := WRAPPED.fullmatch(text)):
        text = (match["formula"] if match["formula"] is not None else match["quoted"]).strip()
    return text


def cleaned(cells: Sequence[str]) -> pa.Array:
    """The cells of a column as Arrow strings, each as ``clean`` says."""
    column = pc.utf8_trim_whitespace(pa.array(cells, pa.string()))
    wrapped = pc.match_substring_regex(column, '^[="]')
    if pc.any(wrapped).as_py():
        column = pa.array([clean(cell) for cell in column.to_pylist()], pa.string())
    return column


@dataclass(frozen=True)
class Column:
    """A column read: numbers (days since 1970, or units), which cells hold one, and which hold something else."""

    numbers: Numbers
    is_there: Mask
    is_bad: Mask

    @cached_property
    def is_filled(self) -> Mask:
        """Cells that hold anything."""
        filled: Mask = self.is_there | self.is_bad
        return filled


def empty(count: int) -> Column:
    """A column of ``count`` empty cells."""
    return Column(np.zeros(count, np.int64), np.zeros(count, bool), np.zeros(count, bool))


def first_filled(columns: list[Column], count: int) -> Column:
    """For each row the first of the columns that is filled."""
    result = empty(count)
    for column in columns:
        take = ~result.is_filled
        result = Column(
            np.where(take, column.numbers, result.numbers),
            np.where(take, column.is_there, result.is_there),
            np.where(take, column.is_bad, result.is_bad),
        )
    return result


def dates(cells: pa.Array, mapping: Mapping) -> Column:
    """The days of a cleaned column."""
    encoded = cells.dictionary_encode()
    days: list[int] = []
    states: list[int] = []
    for text in encoded.dictionary.to_pylist():
        try:
            day = read_date(text, mapping.date_formats)
        except UnreadableError:
            days.append(0)
            states.append(2)
        else:
            days.append((day - EPOCH).days if day else 0)
            states.append(1 if day else 0)
    index = encoded.indices.to_numpy()
    state = np.array(states, np.int8)[index] if states else np.zeros(len(cells), np.int8)
    numbers = np.array(days, np.int64)[index] if days else np.zeros(len(cells), np.int64)
    return Column(numbers, state == 1, state == 2)


def amounts(cells: pa.Array, mapping: Mapping, decimals: int = UNIT_DECIMALS) -> Column:
    """The amounts of a cleaned column in units of 0.00001, with at most that many decimals."""
    mark = mapping.decimal_mark
    is_plain = pc.match_substring_regex(cells, PLAIN[mark].replace("1,5", f"1,{decimals}"))
    plain = pc.replace_substring(pc.if_else(is_plain, cells, pa.scalar(None, pa.string())), ",", ".")
    wide = plain.cast(pa.decimal128(19, UNIT_DECIMALS))
    low_words = np.frombuffer(wide.buffers()[1], np.int64)[::2] if len(wide) else np.zeros(0, np.int64)
    is_there = is_plain.to_numpy(zero_copy_only=False)
    numbers = np.where(is_there, low_words[wide.offset : wide.offset + len(wide)], 0)
    is_bad = np.zeros(len(cells), bool)
    others = np.flatnonzero(~is_there & pc.not_equal(cells, "").to_numpy(zero_copy_only=False))
    known: dict[str, int | None] = {}
    for index, text in zip(others.tolist(), cells.take(pa.array(others)).to_pylist(), strict=True):
        if text not in known:
            try:
                known[text] = read_units(text, mark, decimals)
            except UnreadableError:
                known[text] = None
        units = known[text]
        is_bad[index], is_there[index], numbers[index] = units is None, units is not None, units or 0
    return Column(numbers, is_there, is_bad)


def read_date(text: str, formats: tuple[str, ...], *, strict: bool = False) -> date | None:
    """The day that is written; None for an empty cell, and for zeros.

    Unless the formats are to be taken strictly, a day may also be written as in ISO 8601, as the typed dates of sheets
    come, or as a sheet's serial number. Raises ``UnreadableError`` for anything else, and for years outside 1950 to
    2100.
    """
    if not text or NO_DATE.fullmatch(text):
        return None
    for form in formats if strict else (*formats, ISO):
        if match := _date_expression(form).fullmatch(text):
            return _day(text, match.groupdict())
    if not strict and (match := SERIAL.fullmatch(text)):
        day = SHEET_EPOCH + timedelta(days=int(match[1]))
        if EARLIEST_YEAR <= day.year <= LATEST_YEAR:
            return day
    shown = " or ".join(_shown(form) for form in formats)
    raise UnreadableError(
        f"“{text}” is not a date of the form {shown}", "Add its form to date_formats of the mapping."
    )


def _shown(form: str) -> str:
    for directive, name in (("%d", "DD"), ("%m", "MM"), ("%b", "MON"), ("%Y", "YYYY"), ("%y", "YY")):
        form = form.replace(directive, name)
    return form


@lru_cache(maxsize=100)
def _date_expression(form: str) -> re.Pattern[str]:
    expression = re.escape(form).replace(r"\ ", r"\s+")
    is_compact = re.fullmatch(r"(?:%[dmYy])+", form) is not None
    for directive, pattern in (DIRECTIVES | TWO_DIGITS if is_compact else DIRECTIVES).items():
        expression = expression.replace(directive, pattern)
    return re.compile(expression + TIME, re.DOTALL)


def _day(text: str, parts: dict[str, str]) -> date:
    if "b" in parts:
        month = MONTHS.get(folded(parts["b"]))
        if month is None:
            raise UnreadableError(f"“{text}” names no month", "Correct the date in the source.")
    else:
        month = int(parts["m"])
    if "Y" in parts:
        year = int(parts["Y"])
    else:
        short = int(parts["y"])
        year = short + (2000 if short < CENTURY_TURNS else 1900)
    try:
        day = date(year, month, int(parts["d"]))
    except ValueError:
        raise UnreadableError(
            f"“{text}” is no day of the calendar", "Correct the date in the source."
        ) from None
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise UnreadableError(
            f"“{text}” lies outside {EARLIEST_YEAR} to {LATEST_YEAR}", "Correct the year in the source."
        )
    return day


def read_units(text: str, mark: str, decimals: int = UNIT_DECIMALS) -> int:
    """The amount in units of 0.00001.

    A currency may stand beside it; a sign before or after it, or parentheses around it for a negative. Raises
    ``UnreadableError`` for anything else, and where digits other than zero would be lost beyond ``decimals``.
    """
    bare = text.lstrip("'’").strip(BLANKS).replace("−", "-")
    bare = CURRENCY_BESIDE.sub("", bare).strip(BLANKS)
    negative = False
    if bare.startswith("(") and bare.endswith(")"):
        negative, bare = True, bare[1:-1].strip(BLANKS)
    elif bare[:1] in ("+", "-"):
        negative, bare = bare[0] == "-", CURRENCY_BESIDE.sub("", bare[1:].strip(BLANKS))
    elif bare[-1:] in ("+", "-"):
        negative, bare = bare[-1] == "-", CURRENCY_BESIDE.sub("", bare[:-1].strip(BLANKS))
    if not WHOLE[mark].fullmatch(bare) or not re.search("[0-9]", bare):
        raise UnreadableError(
            f"“{text}” is not an amount with {'a point' if mark == '.' else 'a comma'} before its decimals",
            "Correct decimal_mark of the mapping, or the amount in the source.",
        )
    whole, _, fraction = bare.partition(mark)
    digits = re.sub(r"[^0-9]", "", whole).lstrip("0")
    fraction = fraction.rstrip("0")
    if len(fraction) > decimals:
        raise UnreadableError(
            f"“{text}” has more than {decimals} decimals", f"Export amounts rounded to {decimals} decimals."
        )
    if len(digits) > LONGEST_WHOLE:
        raise UnreadableError(f"“{text}” is too large for an amount", "Correct the amount in the source.")
    units = int(f"{digits or '0'}{fraction.ljust(UNIT_DECIMALS, '0')}")
    return -units if negative else units


def day_array(column: Column) -> Any:
    """A column of days as Arrow dates, null where there is none."""
    return pa.array(column.numbers.astype(np.int32), pa.int32(), mask=~column.is_there).cast(pa.date32())


def found(pattern: re.Pattern[str], text: str | None) -> str | None:
    """What the first group that is filled takes out of a text; None when the pattern does not fit."""
    match = pattern.search(text) if text else None
    return (
        next((group.strip() for group in match.groups() if group and group.strip()), None) if match else None
    )


def extracted(texts: pa.Array, pattern: str) -> pa.Array:
    """What the pattern takes out of each text, null where it does not fit."""
    expression = re.compile(pattern, re.MULTILINE)
    encoded = texts.dictionary_encode()
    taken = [found(expression, text) for text in encoded.dictionary.to_pylist()]
    return pa.array(taken, pa.string()).take(encoded.indices)


def joined_texts(columns: Sequence[pa.Array]) -> pa.Array:
    """The texts of each row joined by blanks, null where a row has none."""
    # Told to skip nulls, pyarrow 26.0.1 leaves out the rows that have nothing else: these get an empty text first.
    first = pc.if_else(pc.is_valid(pc.coalesce(*columns)), columns[0], "")
    return none_if_empty(pc.binary_join_element_wise(first, *columns[1:], " ", null_handling="skip"))


def none_if_empty(cells: pa.Array) -> pa.Array:
    """Texts, null where the cell is empty."""
    return pc.if_else(pc.equal(cells, ""), pa.scalar(None, pa.string()), cells)
