"""A list of rows as the command line gives it: a table for people, CSV or JSON for programs."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from rich import box
from rich.table import Table

Format = Literal["table", "csv", "json"]
Language = Literal["fr", "en"]
Value = str | int | bool | Decimal | date | datetime | None

TEXT_WIDTH: Final = 22
"""Text narrower than this is not broken over lines to make room for the columns beside it."""

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is run by spreadsheets (OWASP, CSV injection)."""


@dataclass(frozen=True)
class Column:
    """``name`` is what programs read and never changes; ``label`` is for people. Hidden ones are for programs only."""

    name: str
    label: str = ""
    is_hidden: bool = False


@dataclass(frozen=True)
class Listing:
    """Rows under columns, with a title and perhaps a remark for people."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    remark: str = ""

    def as_csv(self) -> str:
        """Comma separated, with a header; text that a spreadsheet would run is given a leading apostrophe."""
        text = io.StringIO()
        # Every text is quoted: a carriage return in one would otherwise end the line.
        writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow(column.name for column in self.columns)
        writer.writerows([_cell(value) for value in row] for row in self.rows)
        return text.getvalue()

    def as_json(self) -> str:
        """A list of objects; amounts are texts, because many programs read numbers as binary floating point."""
        names = [column.name for column in self.columns]
        content = [dict(zip(names, row, strict=True)) for row in self.rows]
        return json.dumps(content, default=str, ensure_ascii=False, indent=2) + "\n"

    def as_table(self, language: Language = "en", *, total_row: Sequence[Value] | None = None) -> Table:
        """A table for the terminal; amounts are written as the language does."""
        shown = [index for index, column in enumerate(self.columns) if not column.is_hidden]
        table = Table(
            title=self.title,
            caption=self.remark or None,
            box=box.SIMPLE_HEAD,
            padding=(0, 1, 0, 0),
            title_justify="left",
            caption_justify="left",
        )
        for index in shown:
            label = self.columns[index].label or self.columns[index].name
            is_number = all(isinstance(row[index], Decimal | int | None) for row in self.rows)
            cells = [plain(row[index], language) for row in (*self.rows, *([total_row] if total_row else []))]
            table.add_column(
                label,
                justify="right" if is_number else "left",
                # A number is never cut; a label above it may take several lines.
                min_width=max(map(len, (*cells, *label.split())))
                if is_number
                else min(TEXT_WIDTH, max(map(len, cells), default=0)),
            )
        for row in self.rows:
            table.add_row(*(plain(row[index], language) for index in shown))
        if total_row is not None:
            table.add_section()
            table.add_row(*(plain(total_row[index], language) for index in shown), style="bold")
        return table


def plain(value: Value, language: Language) -> str:
    """A value as people read it: amounts with two decimals and grouped thousands, nothing for what is not there."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return {"en": ("no", "yes"), "fr": ("non", "oui")}[language][value]
    if isinstance(value, Decimal):
        text = f"{value:,.2f}"
        # French groups by a narrow no-break space and has a decimal comma.
        return text if language == "en" else text.replace(",", "\u202f").replace(".", ",")
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return escape(str(value))


def escape(text: str) -> str:
    """Text from files, safe for the terminal: no control characters, no markup."""
    printable = "".join(character if character.isprintable() else "\ufffd" for character in text)
    return printable.replace("[", "\\[")


def _cell(value: Value) -> str | int | Decimal:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | Decimal):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value


def sum_row(rows: Iterable[Sequence[Value]], width: int, label: str) -> list[Value]:
    """The sums of the amounts of each column under ``label``; None where a column has no amounts."""
    sums: list[Value] = [None] * width
    for row in rows:
        for index, value in enumerate(row):
            if isinstance(value, Decimal):
                before = sums[index]
                sums[index] = value + before if isinstance(before, Decimal) else value
    sums[0] = label
    return sums
