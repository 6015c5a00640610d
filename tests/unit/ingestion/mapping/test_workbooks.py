"""XLSX: typed cells, sheets, and workbooks that are made to do harm."""

import io
import struct
import tomllib
import zipfile
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from home.settings import Settings

MAPPING = (
    'name = "sheet"\nlands_as = "bank_statement"\ndecimal_mark = ","\ndate_formats = ["%d/%m/%Y"]\n'
    'columns = { booking_date = "Date", remittance_text = "Text", amount = "Amount" }\n'
)


def workbook(*sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"Sheet {number}")
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def repacked(content: bytes, changes: dict[str, bytes]) -> bytes:
    """The workbook with some of its parts replaced or added."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            if part not in changes:
                new.writestr(part, old.read(part))
        for part, data in changes.items():
            new.writestr(part, data)
    return target.getvalue()


def taken(desk: Any, content: bytes, mapping: str = MAPPING) -> Any:
    desk.settings = Settings.model_validate({"mappings": [tomllib.loads(mapping)]})
    desk.drop("acme/CH93/book.xlsx", content)
    (record,) = desk.take().new_files
    return record


ROWS: list[list[Any]] = [
    ["Statement", None, None],
    [],
    ["Date", "Text", "Amount"],
    [date(2026, 1, 2), "typed", 1234.1],
    [datetime(2026, 1, 3, 4, 5), "with time", -0.07],
    ["04/01/2026", "as text", "1 234,50"],
    [46027, "serial", 12],
    [date(2026, 1, 6), "tenth of a cent", 0.1 + 0.2 - 0.3 + 5],
    [date(2026, 1, 7), None, 1e9],
]


def test_typed_cells_mean_what_they_show_to_the_last_decimal(desk: Any) -> None:
    record = taken(desk, workbook(ROWS))
    assert record.status == "landed", record.reason
    rows = desk.rows("bank_transactions")
    assert [(row["source_row"], row["booking_date"].day, row["amount"]) for row in rows] == [
        (4, 2, Decimal("1234.10")),
        (5, 3, Decimal("-0.07")),
        (6, 4, Decimal("1234.50")),
        (7, 5, Decimal("12")),
        (8, 6, Decimal("5")),
        (9, 7, Decimal("1000000000")),
    ]
    assert record.dialect == "mapping sheet;xlsx;sheet Sheet 1;statements 1"


def test_the_first_sheet_whose_header_fits_is_read_or_the_one_that_is_named(desk: Any) -> None:
    other = [["Something", "else"], [1, 2]]
    later = [["Date", "Text", "Amount"], [date(2026, 2, 1), "later", 2]]
    content = workbook(other, ROWS[2:4], later)
    assert "sheet Sheet 2" in (taken(desk, content).dialect or "")
    assert "sheet Sheet 3" in (taken(desk, content, MAPPING + 'sheet = "Sheet 3"\n').dialect or "")


def test_columns_and_rows_may_begin_anywhere_in_the_sheet(desk: Any) -> None:
    rows = [[None, None, *row] for row in ROWS]
    taken(desk, workbook([[], [], *rows]))
    found = desk.rows("bank_transactions")
    assert (found[0]["source_row"], found[0]["remittance_text"], len(found)) == (6, "typed", 6)


def test_a_workbook_that_no_mapping_fits_says_how_to_get_one(desk: Any) -> None:
    desk.drop("acme/book.xlsx", workbook([["Colour", "Shape"], ["red", "round"]]))
    (record,) = desk.take().new_files
    assert (record.status, record.reason) == ("refused", "it is a workbook that no mapping fits")
    assert record.remedy.startswith("Run encours map book.xlsx")


def test_archives_and_old_office_documents_stay_refused_by_name(desk: Any) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("january.csv", "Date;Text;Amount\n")
    desk.drop("acme/a.zip", archive.getvalue())
    desk.drop("acme/b.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500)
    assert [record.reason for record in desk.take().new_files] == [
        "it is a ZIP archive or an office document",
        "it is an old office document",
    ]


SHEET = "xl/worksheets/sheet1.xml"
XML = b'<?xml version="1.0"?>'
MAIN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = b"</sheetData></worksheet>"


def cell(place: str) -> bytes:
    return f'<c r="{place}" t="inlineStr"><is><t>x</t></is></c>'.encode()


def lying_about_size(content: bytes) -> bytes:
    """The directory of the archive says that each part inflates to one byte."""
    changed = bytearray(content)
    at = changed.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<I", changed, at + 24, 1)
        at = changed.find(b"PK\x01\x02", at + 4)
    return bytes(changed)


HARMFUL = {
    "a bomb": ({"xl/media/a.xml": b"<a>" + b" " * (80 << 20) + b"</a>"}, "inflates to more than any sheet holds"),
    "a bomb of another kind of part": ({"xl/media/a.bin": b"\0" * (80 << 20)}, "inflates to more than any sheet holds"),
    "too many parts": ({f"xl/media/{n}.bin": b"" for n in range(2100)}, "parts, which no sheet needs"),
    "a document type": (
        {SHEET: XML + b'<!DOCTYPE w [<!ENTITY a "aaaa">]><worksheet/>'},
        "its XML declares a document type",
    ),
    "an external entity": (
        {"xl/sharedStrings.xml": XML + b'<!DOCTYPE s SYSTEM "file:///etc/passwd"><sst/>'},
        "its XML declares a document type",
    ),
    "cells at the far corners": (
        {SHEET: XML + MAIN + b"<row>" + cell("A1") + b"</row><row>" + cell("XFD1048576") + b"</row>" + END},
        "a sheet spans 1048576 rows and 16384 columns",
    ),
    "a row without end": (
        {SHEET: XML + MAIN + b"<row r='900'>" + b"<c/>" * 14_000 + b"</row>" + END},
        "a sheet spans 900 rows",
    ),
    "broken XML": ({SHEET: XML + MAIN + b"<row>"}, "is broken XML"),
}  # fmt: skip


@pytest.mark.parametrize("what", HARMFUL)
def test_a_workbook_that_is_made_to_do_harm_is_refused_before_it_is_opened(
    desk: Any, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    changes, words = HARMFUL[what]
    opened: list[str] = []
    monkeypatch.setattr("ingestion.mapping.workbook.CalamineWorkbook.from_path", opened.append, raising=False)
    record = taken(desk, repacked(workbook(ROWS), changes))
    assert record.status == "refused"
    assert words in record.reason
    assert opened == []


def test_a_bomb_whose_directory_lies_is_refused_all_the_same(desk: Any) -> None:
    content = repacked(workbook(ROWS), {"xl/media/a.xml": b"<a>" + b" " * (80 << 20) + b"</a>"})
    record = taken(desk, lying_about_size(content))
    assert record.status == "refused"
    assert "fault of Encours" not in record.remedy


@pytest.mark.parametrize("part", range(0, 100, 9))
def test_a_workbook_cut_anywhere_is_refused_or_known_to_be_no_workbook(desk: Any, part: int) -> None:
    content = workbook(ROWS)
    record = taken(desk, content[: max(4, len(content) * part // 100)])
    assert record.status == "refused"
    assert "fault of Encours" not in record.remedy
