"""Tables as files for spreadsheets. Nothing in them is ever computed: names and labels come from untrusted files."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal

import xlsxwriter

from ingestion.formula_guard import guarded

Kind = Literal["text", "amount", "date", "count"]

WIDTHS: Final[Mapping[Kind, int]] = {"text": 28, "amount": 15, "date": 12, "count": 9}
NUMBER: Final = "#,##0.00"
DAY: Final = "yyyy-mm-dd"
EXACT: Final = Decimal(10) ** 13
"""Below it, a spreadsheet's numbers hold every cent; larger amounts go out as text."""


@dataclass(frozen=True)
class Field:
    """A column of a file: the key of the rows, its heading and what stands in it."""

    key: str
    heading: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Sheet:
    """A table of a workbook."""

    name: str
    fields: Sequence[Field]
    rows: Sequence[Mapping[str, Any]]


def as_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """A workbook: numbers and dates as such, texts never as formulas or links, headings that stay in sight."""
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, options) as book:
        heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        right = book.add_format(
            {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "align": "right"}
        )
        amount = book.add_format({"num_format": NUMBER})
        day = book.add_format({"num_format": DAY, "align": "left"})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            page.freeze_panes(1, 0)
            page.set_landscape()
            page.repeat_rows(0)
            page.fit_to_pages(1, 0)
            for column, field in enumerate(sheet.fields):
                page.set_column(column, column, WIDTHS[field.kind])
                page.write_string(
                    0, column, field.heading, heading if field.kind in ("text", "date") else right
                )
            for line, row in enumerate(sheet.rows, start=1):
                for column, field in enumerate(sheet.fields):
                    value = row[field.key]
                    if isinstance(value, Decimal) and abs(value) < EXACT:
                        # The file format keeps a number as the text of its digits: the cents stay what they are.
                        page.write_number(line, column, value, amount)
                    elif isinstance(value, int) and not isinstance(value, bool):
                        page.write_number(line, column, value)
                    elif isinstance(value, date) and not isinstance(value, datetime):
                        page.write_datetime(line, column, value, day)
                    elif value is not None:
                        page.write_string(line, column, str(value))
            if sheet.rows:
                page.autofilter(0, 0, len(sheet.rows), len(sheet.fields) - 1)
    return content.getvalue()


def as_csv(sheet: Sheet) -> bytes:
    """The table in UTF-8, with commas and decimal points; text that a spreadsheet would run has an apostrophe first."""
    text = io.StringIO()
    # Every text is quoted: a carriage return in one would otherwise end the line.
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(field.heading for field in sheet.fields)
    writer.writerows([_cell(row[field.key]) for field in sheet.fields] for row in sheet.rows)
    # Spreadsheets take a CSV file for UTF-8 only when it begins with this mark.
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> str | int | Decimal:
    if value is None:
        return ""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return guarded(str(value))
