"""Whole columns of text to typed columns, by working once on each distinct value.

Cells come dictionary-encoded: a ledger of 2,000,000 lines has a few hundred dates, so a rule in plain Python on the
distinct values costs nothing, and the rows are filled by index.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.formats.values import read_amount, read_date
from ingestion.reading import UnreadableError

TEXT: Final = pa.dictionary(pa.int32(), pa.string())

PLAIN_AMOUNT: Final = r"^[+-]?[0-9]{1,13}([.,][0-9]{1,%d})?$"
"""Amounts that need no thought, with at most that many decimals; everything else goes through ``read_amount``."""


def texts(column: pa.Array) -> pa.Array:
    """The column with its cells trimmed and empty cells null; dictionary-encoded or plain, as it came."""
    is_encoded = pa.types.is_dictionary(column.type)
    distinct = column.dictionary if is_encoded else column
    trimmed = pc.utf8_trim_whitespace(distinct)
    if trimmed.equals(distinct):
        return column
    cells = trimmed.take(column.indices) if is_encoded else trimmed
    filled = pc.if_else(pc.equal(cells, ""), pa.scalar(None, pa.string()), cells)
    return filled.dictionary_encode() if is_encoded else filled


def dates(column: pa.DictionaryArray) -> tuple[pa.Array, pa.Array]:
    """The dates of a trimmed column, and a mask of the cells that hold something else."""
    return _by_distinct_value(column, _scalars(column.dictionary, read_date, pa.date32()))


def amounts(column: pa.DictionaryArray, decimals: int = 2) -> tuple[pa.Array, pa.Array]:
    """The amounts (DECIMAL(18, ``decimals``)) of a trimmed column, and a mask of the cells that hold something else."""
    kind = pa.decimal128(18, decimals)
    cells = column.dictionary
    is_plain = pc.match_substring_regex(cells, PLAIN_AMOUNT % decimals)
    plain = pc.replace_substring(pc.if_else(is_plain, cells, pa.scalar(None, pa.string())), ",", ".")
    values = pc.cast(plain, kind)
    is_bad = pa.repeat(pa.scalar(False), len(cells))
    is_other = pc.invert(is_plain)
    if pc.any(is_other).as_py():
        others, others_bad = _scalars(cells.filter(is_other), partial(read_amount, decimals=decimals), kind)
        values = pc.replace_with_mask(values, is_other, others)
        is_bad = pc.replace_with_mask(is_bad, is_other, others_bad)
    return _by_distinct_value(column, (values, is_bad))


def _scalars(
    cells: pa.Array, read: Callable[[str], object], value_type: pa.DataType
) -> tuple[pa.Array, pa.Array]:
    values: list[object] = []
    is_bad: list[bool] = []
    for cell in cells.to_pylist():
        try:
            values.append(read(cell))
            is_bad.append(False)
        except UnreadableError:
            values.append(None)
            is_bad.append(True)
    return pa.array(values, value_type), pa.array(is_bad, pa.bool_())


def _by_distinct_value(
    column: pa.DictionaryArray, distinct: tuple[pa.Array, pa.Array]
) -> tuple[pa.Array, pa.Array]:
    values, is_bad = distinct
    return values.take(column.indices), pc.fill_null(is_bad.take(column.indices), False)
