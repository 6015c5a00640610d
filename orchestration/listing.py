"""A list of rows as the command line gives it: a table for people, CSV or JSON for programs."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from rich import box
from rich.table import Table

from documents import formats
from ingestion.formula_guard import guarded

Format = Literal["table", "csv", "json"]
Language = Literal["fr", "en"]
Value = str | int | bool | Decimal | date | datetime | None

TEXT_WIDTH: Final = 22
"""Text narrower than this is not broken over lines to make room for the columns beside it."""


SHORT_ID: Final = 8
"""Characters of an id that people are shown: enough for ``encours explain``."""


@dataclass(frozen=True)
class Column:
    """``name`` is what programs read and never changes; ``label`` is for people. Hidden ones are for programs only."""

    name: str
    label: str = ""
    is_hidden: bool = False
    is_detail: bool = False
    """Whether people can do without it when the screen is narrow."""
    words: Mapping[str, str] = field(default_factory=dict)
    """What people read in place of a code."""
    shown_characters: int | None = None
    """Of a text that is long and says no more to people than its beginning."""
    is_added: bool = True
    """Whether its amounts may be added up."""
    is_share: bool = False
    """Whether people read it in percent."""

    def shown(self, value: Value, language: Language) -> str:
        """A value of the column as people read it."""
        if isinstance(value, str):
            value = self.words.get(value, value)[: self.shown_characters]
        if self.is_share and isinstance(value, Decimal):
            return formats.share(value, 1, language)
        return plain(value, language)


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

    def without(self, dropped: Column) -> "Listing":
        """The listing with one more column hidden."""
        columns = [replace(one, is_hidden=True) if one is dropped else one for one in self.columns]
        return replace(self, columns=columns)

    def as_table(self, language: Language = "en", *, total_row: Sequence[Value] | None = None) -> Table:
        """A table for the terminal; codes and amounts are written as the language does."""
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
            column = self.columns[index]
            label = column.label or column.name
            is_number = all(isinstance(row[index], Decimal | int | None) for row in self.rows)
            rows = (*self.rows, *([total_row] if total_row else []))
            cells = [column.shown(row[index], language) for row in rows]
            # A number is never cut; text, and a label above it, may take several lines.
            widest = max(map(len, cells), default=0)
            least = max(widest if is_number else min(TEXT_WIDTH, widest), *map(len, label.split()))
            table.add_column(
                label,
                justify="right" if is_number else "left",
                overflow="fold",
                min_width=least,
                max_width=max(widest, len(label)),
            )
        for row in self.rows:
            table.add_row(*(self.columns[index].shown(row[index], language) for index in shown))
        if total_row is not None:
            table.add_section()
            table.add_row(
                *(self.columns[index].shown(total_row[index], language) for index in shown), style="bold"
            )
        return table


def least_width(table: Table) -> int:
    """How many columns of a terminal a table of ``Listing.as_table`` takes at least."""
    # Rich puts a space on either side of each of its columns, and one before the first.
    return sum((column.min_width or 0) + 2 for column in table.columns) + 1


def fit(table: Table, width: int) -> None:
    """Give each column of a table of ``Listing.as_table`` what it needs at least, and what is left from the left."""
    spare = max(0, width - least_width(table))
    for column in table.columns:
        least = column.min_width or 0
        extra = min(spare, (column.max_width or 0) - least)
        column.width = least + extra
        spare -= extra


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
    return guarded(value)


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
