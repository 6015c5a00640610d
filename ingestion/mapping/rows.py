"""The rows of a table that a mapping fits: without header, footer and what the mapping leaves out; in blocks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from typing import Final

import pyarrow as pa

from ingestion.mapping.cells import clean, cleaned
from ingestion.mapping.fitting import Fit
from ingestion.mapping.tables import Row, joined
from ingestion.reading import FileRefusedError

BLOCK_ROWS: Final = 20_000
REMEMBERED: Final = 200
"""Rows left out whose text is kept: balances may stand in them."""


@dataclass(frozen=True)
class Block:
    """Rows in the order of the file, of which no cell from the column ``width`` on is asked for."""

    rows: list[Row]
    width: int

    def column(self, index: int) -> pa.Array:
        """The cells of one column, cleaned; empty where a row is shorter."""
        if index not in self._cleaned:
            columns = self._columns
            self._cleaned[index] = cleaned(columns[index] if index < len(columns) else [""] * len(self.rows))
        return self._cleaned[index]

    @cached_property
    def _columns(self) -> list[tuple[str, ...]]:
        return list(zip_longest(*(row.cells[: self.width] for row in self.rows), fillvalue=""))

    @cached_property
    def _cleaned(self) -> dict[int, pa.Array]:
        return {}


class Rows:
    """The rows of one table, and what was left out of it so far."""

    def __init__(self, fit: Fit) -> None:
        self._fit = fit
        self.left_out = 0
        self._width = 1 + max((index for places in fit.columns.values() for index in places), default=0)
        self._outside: list[str] = []

    @property
    def outside(self) -> str:
        """The beginning of the file, and the first rows that were left out."""
        return "\n".join([self._fit.beginning, *self._outside])

    def leave_out(self, row: Row) -> None:
        """Count a row that is none of the table."""
        self.left_out += 1
        if len(self._outside) < REMEMBERED:
            self._outside.append(joined([[clean(cell) for cell in row.cells]]))

    def blocks(self) -> Iterator[Block]:
        """The rows that hold anything, block by block."""
        footer = re.compile(self._fit.mapping.footer) if self._fit.mapping.footer else None
        left_out = tuple(self._fit.left_out.items())
        header: list[str] | None = None
        above: Row | None = None
        has_ended = False
        taken: list[Row] = []
        for row in self._fit.table.rows():
            if row.number <= self._fit.header_row:
                header = row.cells
                continue
            if not "".join(row.cells).strip():
                continue
            if row.cells == header:
                self._refuse_other_account(row, above)
                continue
            above = row
            has_ended = has_ended or bool(
                footer and footer.search(joined([[clean(cell) for cell in row.cells]]))
            )
            if has_ended or any(
                index < len(row.cells) and expression.search(clean(row.cells[index]))
                for index, expression in left_out
            ):
                self.leave_out(row)
                continue
            taken.append(row)
            if len(taken) == BLOCK_ROWS:
                yield self.block(taken)
                taken = []
        if taken:
            yield self.block(taken)

    def _refuse_other_account(self, header: Row, above: Row | None) -> None:
        """Raises ``FileRefusedError`` where the header of a statement stands again below a title: the rows below may
        be of another account, and nothing in them says so."""
        is_statement = self._fit.mapping.lands_as == "bank_statement" and "account" not in self._fit.columns
        if is_statement and above and sum(bool(cell.strip()) for cell in above.cells) == 1:
            raise FileRefusedError(
                f"a second table begins on line {header.number}, perhaps of another account",
                "Export each account into a file of its own.",
            )

    def block(self, rows: list[Row]) -> Block:
        """Rows as a block."""
        return Block(rows, self._width)

    def has_surplus(self, row: Row) -> bool:
        """Whether a row has cells that hold something beyond the last column of the header."""
        width = self._fit.width
        return bool(width) and not "".join(row.cells[width:]).isspace() and any(row.cells[width:])
