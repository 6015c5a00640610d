"""Archives and PDFs that unpack to more than anybody wants, or that hold nothing for us."""

import gzip
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter

from tests.unit.ingestion.hostile.bounded import statuses_in_bounds
from tests.unit.ingestion.hostile.explained import assert_explained
from tests.unit.ingestion.hostile.small_files import small_files

SMALL = small_files()
SHEET = "xl/worksheets/sheet1.xml"
GIGABYTE = 1 << 30


def archive(parts: dict[str, bytes], repeated: int = 1) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            for number in range(repeated):
                made.writestr(f"{number}{name}" if repeated > 1 else name, content)
    return buffer.getvalue()


def workbook_with(part: str, change: Callable[[bytes], bytes]) -> bytes:
    with zipfile.ZipFile(BytesIO(SMALL["bank xlsx"])) as book:
        return archive(
            {name: change(book.read(name)) if name == part else book.read(name) for name in book.namelist()}
        )


def endless(part: str, unit: bytes) -> bytes:
    """The workbook with a part that inflates to a gigabyte of ``unit``s, packed piece by piece."""
    buffer = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(SMALL["bank xlsx"])) as book,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made,
    ):
        for name in book.namelist():
            if name != part:
                made.writestr(name, book.read(name))
        piece = unit * ((1 << 20) // len(unit))
        with made.open(part, "w") as out:
            out.write(
                b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
            )
            for _ in range(GIGABYTE // len(piece)):
                out.write(piece)
    return buffer.getvalue()


BOMBS: dict[str, Callable[[], bytes]] = {
    "a sheet of a gigabyte of blanks": lambda: endless(SHEET, b" "),
    "a sheet of a gigabyte of rows": lambda: endless(SHEET, b"<row><c><v>1</v></c></row>"),
    "shared texts of a gigabyte": lambda: endless("xl/sharedStrings.xml", b"<si><t>a</t></si>"),
    "a gigabyte beside the workbook": lambda: endless("xl/media/image1.png", b"\0"),
}


def test_a_workbook_that_inflates_to_a_gigabyte_is_refused(desk: Any) -> None:
    for name, make in BOMBS.items():
        desk.drop(f"acme/{name}", make())
    assert statuses_in_bounds(desk) == dict.fromkeys(BOMBS, "refused")


def refused(desk: Any, content: bytes) -> str:
    desk.drop("acme/hostile", content)
    desk.drop("acme/neighbour", SMALL["fec"])
    hostile, neighbour = desk.take().new_files
    assert neighbour.status == "landed"
    assert_explained(desk, hostile)
    return str(hostile.reason)


WORKBOOKS: dict[str, Callable[[], bytes]] = {
    "a cell in the last row and column": lambda: workbook_with(
        SHEET,
        lambda xml: xml.replace(
            b"<sheetData>", b'<sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        ),
    ),
    "entities": lambda: workbook_with(
        SHEET, lambda xml: xml.replace(b"<worksheet", b'<!DOCTYPE w [<!ENTITY a "aa">]><worksheet', 1)
    ),
    "a sheet that is no XML": lambda: workbook_with(SHEET, lambda _: b"no XML at all"),
    "a sheet cut in the middle": lambda: workbook_with(SHEET, lambda xml: xml[: len(xml) // 2]),
    "no sheet": lambda: workbook_with("xl/workbook.xml", lambda xml: xml.replace(b"<sheet ", b"<no ")),
    "a sheet that is not there": lambda: workbook_with(
        "xl/_rels/workbook.xml.rels", lambda xml: xml.replace(b"sheet1.xml", b"sheet9.xml")
    ),
    "a workbook of names without content": lambda: archive({"xl/workbook.xml": b"", SHEET: b""}),
    "ten thousand parts": lambda: archive({"xl/workbook.xml": b"<workbook/>", "x": b""}, repeated=5000),
    "a broken stream": lambda: SMALL["bank xlsx"][:200] + b"\xff" * 50 + SMALL["bank xlsx"][250:],
    "no directory": lambda: SMALL["bank xlsx"][:-100],
}


@pytest.mark.parametrize("made", WORKBOOKS)
def test_a_workbook_that_no_spreadsheet_wrote_is_refused(desk: Any, made: str) -> None:
    refused(desk, WORKBOOKS[made]())


def nested(depth: int) -> bytes:
    content = SMALL["fec"]
    for level in range(depth):
        content = archive({f"{level}.zip": content})
    return content


ARCHIVES: dict[str, Callable[[], bytes]] = {
    "a ZIP of a ledger": lambda: archive({"FEC.txt": SMALL["fec"]}),
    "a ZIP in a ZIP in a ZIP": lambda: nested(10),
    "a ZIP of ZIPs": lambda: archive({"inner.zip": archive({"x": b"\0" * (10 << 20)})}, repeated=100),
    "a ZIP that climbs out": lambda: archive({"../../../etc/passwd": b"root"}),
    "an empty ZIP": lambda: archive({}),
    "a gzip of zeros": lambda: gzip.compress(b"\0" * (50 << 20)),
    "a zlib stream": lambda: zlib.compress(SMALL["fec"]),
}


@pytest.mark.parametrize("made", ARCHIVES)
def test_an_archive_is_not_unpacked(desk: Any, made: str) -> None:
    refused(desk, ARCHIVES[made]())
    assert not list(desk.home.root.rglob("*passwd*"))


def pdf(attachments: list[tuple[str, bytes]]) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(SMALL["factur-x"])))
    for name, content in attachments:
        writer.add_attachment(name, content)
    buffer = BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def test_of_a_pdf_with_a_thousand_attachments_the_invoice_is_read(desk: Any) -> None:
    desk.drop("acme/invoice.pdf", pdf([(f"{number}.txt", b"nothing") for number in range(1000)]))
    (record,) = desk.take().new_files
    assert (record.status, record.rows_landed) == ("landed", 1)


def test_a_pdf_with_a_thousand_attachments_and_no_invoice_is_refused(desk: Any) -> None:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    for number in range(1000):
        writer.add_attachment(f"{number}.xml", b"<x/>")
    buffer = BytesIO()
    writer.write(buffer)
    refused(desk, buffer.getvalue())


def test_a_pdf_whose_attachment_inflates_to_a_gigabyte_is_refused(desk: Any) -> None:
    packer = zlib.compressobj(1)
    bomb = b"".join(packer.compress(b"\0" * (1 << 20)) for _ in range(GIGABYTE >> 20)) + packer.flush()
    content = SMALL["factur-x"]
    start = content.rindex(b"stream\n", 0, content.rindex(b"endstream")) + len(b"stream\n")
    end = content.rindex(b"\nendstream")
    length = content.rindex(b"/Length ", 0, start)
    after = content.index(b" >>", length)
    packed = content[:length] + b"/Length %d" % len(bomb) + content[after:start] + bomb + content[end:]
    desk.drop("acme/hostile", packed)
    assert statuses_in_bounds(desk) == {"hostile": "refused"}
