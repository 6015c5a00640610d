"""Files for spreadsheets: figures stay figures, and nothing in them is ever computed."""

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from app.exports import Field, Sheet, as_csv, as_xlsx

FIELDS = [
    Field("name", "Tiers"),
    Field("amount", "Montant", "amount"),
    Field("day", "Échéance", "date"),
    Field("count", "Pièces", "count"),
]
EVIL = [
    "=1+1",
    "+33 1",
    "-2",
    "@SUM(A1)",
    "\t=1",
    '=HYPERLINK("http://x")',
    "http://evil.example",
    "mailto:a@b",
    "{=1}",
]


def sheet(*rows: dict[str, Any]) -> Sheet:
    empty = {"name": None, "amount": None, "day": None, "count": None}
    return Sheet("Balance", FIELDS, [empty | row for row in rows])


def opened(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))["Balance"]


def test_amounts_and_dates_are_numbers_and_dates() -> None:
    page = opened(
        as_xlsx(
            [sheet({"name": "Épinal", "amount": Decimal("1234567.89"), "day": date(2026, 6, 30), "count": 3})]
        )
    )
    assert [cell.value for cell in page[1]] == ["Tiers", "Montant", "Échéance", "Pièces"]
    name, amount, day, count = page[2]
    assert (name.value, amount.value, count.value) == ("Épinal", 1234567.89, 3)
    assert amount.number_format == "#,##0.00"
    assert day.value.date() == date(2026, 6, 30)
    assert page.freeze_panes == "A2"


def test_an_amount_beyond_a_spreadsheets_digits_keeps_its_cents() -> None:
    page = opened(as_xlsx([sheet({"amount": Decimal("12345678901234567.89")})]))
    assert page["B2"].value == "12345678901234567.89"


@pytest.mark.parametrize("text", EVIL)
def test_no_text_of_a_workbook_is_a_formula_or_a_link(text: str) -> None:
    page = opened(as_xlsx([sheet({"name": text})]))
    assert page["A2"].data_type == "s"
    assert page["A2"].value == text
    assert page["A2"].hyperlink is None


@pytest.mark.parametrize("text", EVIL[:6])
def test_no_text_of_a_csv_file_is_run(text: str) -> None:
    [_, row] = csv.reader(io.StringIO(as_csv(sheet({"name": text})).decode("utf-8-sig")))
    assert row[0].lstrip("\t").startswith("'") or row[0].startswith("'")


def test_a_csv_file_has_points_and_iso_dates() -> None:
    content = as_csv(sheet({"name": "A, B", "amount": Decimal("-1.10"), "day": date(2026, 6, 30)}))
    assert content.decode("utf-8-sig").splitlines() == [
        '"Tiers","Montant","Échéance","Pièces"',
        '"A, B",-1.10,"2026-06-30",""',
    ]
