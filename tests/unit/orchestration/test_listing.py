"""What people and programs are given."""

import csv
import io
import json
from datetime import date
from decimal import Decimal

import pytest
from rich.console import Console

from orchestration.listing import Column, Listing, fit, least_width, plain, sum_row

LISTING = Listing(
    "Open",
    [Column("name", "Name"), Column("amount", "Amount"), Column("due_date", "Due", is_hidden=True)],
    [
        ("=cmd|' /C calc'!A0", Decimal("-1234.50"), date(2026, 6, 30)),
        ("[bold]Acme[/bold], \x1b[31mSAS", None, None),
    ],
)


def test_csv_gives_a_spreadsheet_nothing_to_run() -> None:
    rows = list(csv.reader(io.StringIO(LISTING.as_csv())))
    assert rows == [
        ["name", "amount", "due_date"],
        ["'=cmd|' /C calc'!A0", "-1234.50", "2026-06-30"],
        ["[bold]Acme[/bold], \x1b[31mSAS", "", ""],
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_every_start_of_a_formula_is_guarded(start: str) -> None:
    text = Listing("", [Column("name")], [(f"{start}1",)]).as_csv()
    assert next(csv.reader(io.StringIO(text.partition("\n")[2], newline=""))) == [f"'{start}1"]


def test_json_keeps_amounts_exact() -> None:
    first, second = json.loads(LISTING.as_json())
    assert first == {"name": "=cmd|' /C calc'!A0", "amount": "-1234.50", "due_date": "2026-06-30"}
    assert second["amount"] is None


def test_text_from_files_is_shown_and_not_obeyed() -> None:
    console = Console(width=80, record=True, force_terminal=True, file=io.StringIO())
    console.print(LISTING.as_table())
    shown = console.export_text(styles=True)
    assert "[bold]Acme[/bold]" in shown
    assert "\x1b[31mSAS" not in shown
    assert "2026-06-30" not in shown


def test_amounts_are_written_as_the_language_does() -> None:
    assert plain(Decimal("-1234567.5"), "en") == "-1,234,567.50"
    assert plain(Decimal("-1234567.5"), "fr") == "-1\u202f234\u202f567,50"
    assert plain(True, "fr") == "oui"
    assert plain(None, "en") == ""


def test_sums_are_of_amounts_alone() -> None:
    rows = [("a", Decimal("1.10"), 3), ("b", Decimal("2.20"), 4), ("c", None, None)]
    assert sum_row(rows, 3, "Total") == ["Total", Decimal("3.30"), None]


WIDE = Listing(
    "Balance",
    [
        Column("code", "Code"),
        Column("name", "Third party"),
        Column("side", "Side", words={"receivable": "clients"}),
        Column("total_amount", "Total"),
        Column("overdue_1", "1–30 d late"),
    ],
    [("C1", "Établissements Dubœuf Laval EURL", "receivable", Decimal("1234567.89"), Decimal("-98765.43"))],
)


@pytest.mark.parametrize("spare", [0, 5, 60])
def test_a_table_that_is_given_its_least_width_loses_nothing(spare: int) -> None:
    table = WIDE.as_table("en", total_row=[None, None, None, Decimal("1234567.89"), Decimal("-98765.43")])
    width = least_width(table) + spare
    fit(table, width)
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(table)
    lines = [line.rstrip() for line in console.export_text().splitlines()]
    assert max(map(len, lines)) <= width
    assert sum("1,234,567.89" in line and "-98,765.43" in line for line in lines) == 2
    words = {word for line in lines for word in line.split()}
    assert {"C1", "Établissements", "Dubœuf", "Laval", "EURL", "clients", "Third", "party", "late"} <= words
    assert "…" not in console.export_text()


def test_programs_read_codes_and_people_words() -> None:
    assert json.loads(WIDE.as_json())[0]["side"] == "receivable"
    assert "receivable" in WIDE.as_csv()
