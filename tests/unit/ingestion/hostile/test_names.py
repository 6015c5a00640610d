"""File names that harm a shell, a terminal or a spreadsheet are data like any other."""

import csv
from typing import Any

import pytest

from tests.unit.ingestion.hostile.explained import assert_explained
from tests.unit.ingestion.hostile.small_files import small_files

NAMES = [
    "line\nbreak.txt",
    "tab\tand\rreturn.txt",
    "=cmd|' /C calc'!A0.txt",
    "+1.csv",
    "-rf",
    "--help",
    "@SUM(1+1).csv",
    "$(reboot)`reboot`.txt",
    "; drop table landing.ledger_lines; --",
    "it's.txt",
    '"quoted".txt',
    "%s%n{0}.txt",
    "é — 日本語 🧾.txt",
    "e\u0301 and é.txt",
    "\u202egnp.txt",
    "\x1b[31mred.txt",
    " leading and trailing ",
    "[a-z]*?.txt",
    "a" * 255,
    "\u00e9" * 127,
    "#hash?query=1&b.txt",
    "C:\\Windows\\system32.txt",
    "NUL",
    "0",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("folder", ["acme/", "acme/=1+1/"])
def test_a_file_of_any_name_lands_or_is_refused(desk: Any, folder: str, name: str) -> None:
    ledger = small_files()["fec"]
    desk.drop(f"{folder}{name}", ledger)
    desk.drop(f"{folder}2/{name}", b"nonsense")
    desk.drop(
        f"{folder}3/{name}", ledger + ledger.splitlines(keepends=True)[1].replace(b"20250110", b"20259999")
    )
    intake = desk.take()
    by_name = {record.source_file: record for record in intake.new_files}
    landed, refused, partly = (by_name[f"{folder}{place}{name}"] for place in ("", "2/", "3/"))
    assert (landed.status, landed.company_id) == ("landed", "acme")
    assert_explained(desk, refused)
    assert (partly.status, partly.rows_quarantined) == ("landed", 1)
    (rows,) = desk.home.quarantine.rglob("rows.csv")
    assert rows.is_relative_to(desk.home.quarantine)
    with rows.open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file))) == 2
    assert desk.take().new_files == ()
