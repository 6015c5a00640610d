"""PDFs with an invoice attached: the attachment is found whatever else is there, and a hostile PDF harms nobody."""

import io
import logging
import resource
import zlib
from pathlib import Path
from typing import Any

import facturx as library
import pytest
from pypdf import PdfWriter
from pypdf.actions import JavaScript

from ingestion.formats import facturx, pdf_attachments
from ingestion.formats.pdf_attachments import best_attachment
from tests.unit.ingestion.formats.invoice_documents import cii, to_zugferd_1, ubl

ORDER = b'<r:SCRDMCCBDACIOMessageStructure xmlns:r="urn:x"/>'


def pdf(
    *attachments: tuple[str, bytes], password: str | None = None, owner_password: str | None = None
) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.add_open_action(JavaScript("while (true) app.alert('pay at once');"))
    for name, content in attachments:
        writer.add_attachment(name, content)
    if password is not None:
        writer.encrypt(password, owner_password, algorithm="AES-256")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def raw_pdf(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1; the first is its catalogue."""
    out, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return bytes(out) + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )


def with_stream(filters: bytes, content: bytes) -> bytes:
    return raw_pdf(
        b"<< /Type /Catalog /Names << /EmbeddedFiles << /Names [(factur-x.xml) 2 0 R] >> >> >>",
        b"<< /Type /Filespec /UF (factur-x.xml) /F (factur-x.xml) /EF << /F 3 0 R >> >>",
        b"<< /Type /EmbeddedFile /Filter %b /Length %d >>\nstream\n%b\nendstream"
        % (filters, len(content), content),
    )


def taken(desk: Any, content: bytes) -> Any:
    desk.drop("acme/invoice.pdf", content)
    (record,) = desk.take().new_files
    assert record.kind == "e_invoice"
    return record


def refusal(desk: Any, content: bytes) -> str:
    record = taken(desk, content)
    assert (record.status, desk.rows("e_invoices")) == ("refused", [])
    assert record.remedy.endswith(".")
    return str(record.reason)


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("factur-x.xml", cii()),
        ("FACTUR-X.XML", cii()),
        ("ZUGFeRD-invoice.xml", to_zugferd_1(cii())),
        ("xrechnung.xml", cii()),
        ("facture.xml", ubl()),
    ],
)
def test_the_attached_invoice_lands(desk: Any, name: str, document: str) -> None:
    record = taken(desk, pdf(("terms.txt", b"."), (name, document.encode()), ("zz.xml", b"<other/>")))
    (row,) = desk.rows("e_invoices")
    assert (record.status, row["document_number"], len(row["instalments"])) == ("landed", "F-2026/001", 2)
    assert record.dialect.startswith(f"PDF;{name};urn:cen.eu:en16931:2017")


def test_a_pdf_made_by_the_factur_x_library_is_read(desk: Any) -> None:
    """The library writes what the standard prescribes, and finds the same attachment as we do."""
    made = library.generate_from_binary(
        pdf(), cii().encode(), check_xsd=False, flavor="factur-x", level="extended"
    )
    desk.drop("acme/invoice.pdf", made)
    assert desk.take().new_files[0].status == "landed"
    name, content = library.get_facturx_xml_from_pdf(made, check_xsd=False)
    assert best_attachment(desk.home.inbox / "acme/invoice.pdf") == ({"name": name}, content)


def test_a_name_that_stands_only_with_the_file_is_found(desk: Any) -> None:
    content = with_stream(b"/FlateDecode", zlib.compress(cii().encode()))
    assert taken(desk, content.replace(b"[(factur-x.xml)", b"[(0000000001xx)")).status == "landed"


def test_one_that_anybody_may_open_is_read(desk: Any) -> None:
    content = pdf(("factur-x.xml", cii().encode()), password="", owner_password="owner")
    assert taken(desk, content).status == "landed"


def test_thousands_of_attachments_are_passed_over(desk: Any) -> None:
    names = ((f"a{number:04}.txt", b".") for number in range(3000))
    assert taken(desk, pdf(*names, ("factur-x.xml", cii().encode()))).status == "landed"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (pdf(), "it is an ordinary PDF: no invoice in XML is attached to it"),
        (pdf(("terms.txt", b".")), "it is an ordinary PDF: no invoice in XML is attached to it"),
        (
            pdf(("factur-x.xml", cii().encode()), password="secret"),
            "it is a PDF that only opens with a password",
        ),
        (
            pdf(("order-x.xml", ORDER)),
            "in its attachment order-x.xml: it is an order (Order-X), not an invoice",
        ),
        (pdf(("a.xml", b"<a/>")), "in its attachment a.xml: its root element a is that of no invoice"),
        (
            pdf(("factur-x.xml", cii()[:99].encode())),
            "in its attachment factur-x.xml: its XML is broken at line 2: ",
        ),
        (b"%PDF-1.7\n...", "its PDF is damaged"),
        (pdf(("factur-x.xml", cii().encode()))[:-200], "its PDF is damaged"),
        (b"%PDF-1.7\n1 0 obj\n" + b"[" * 100_000, "its PDF is damaged"),
        (
            raw_pdf(b"<< /Type /Catalog /Names << /EmbeddedFiles 2 0 R >> >>", b"<< /Kids [2 0 R 2 0 R] >>"),
            "it is an ordinary PDF: no invoice in XML is attached to it",
        ),
        (
            with_stream(b"/FlateDecode", zlib.compress(b" " * (60 << 20), 9)),
            "its PDF unpacks to more than an invoice can be",
        ),
        (
            with_stream(
                b"[/FlateDecode /FlateDecode]", zlib.compress(zlib.compress(b" " * (60 << 20), 9), 9)
            ),
            "its PDF unpacks to more than an invoice can be",
        ),
        (
            with_stream(b"/FlateDecode", zlib.compress(b"<a>" + b"<a/>" * 1_000_001 + b"</a>", 9)),
            "in its attachment factur-x.xml: its XML has more than 1,000,000 tags, as no invoice has",
        ),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_what_holds_no_invoice_or_is_made_to_do_harm_is_refused(
    desk: Any, content: bytes, reason: str
) -> None:
    assert refusal(desk, content).startswith(reason)


def test_entities_in_the_attachment_are_refused(desk: Any) -> None:
    document = cii().replace(
        "<rsm:Cross", "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><rsm:Cross", 1
    )
    assert "declares a document type" in refusal(desk, pdf(("factur-x.xml", document.encode())))


def test_a_pdf_that_is_too_large_is_not_even_opened(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facturx, "LARGEST", 1 << 20)
    content = pdf(("factur-x.xml", cii().encode())) + b"%" * (1 << 20)
    assert refusal(desk, content) == "it is a PDF of more than 1 MB"


@pytest.mark.parametrize("program", ["raise SystemExit(1)", "import time; time.sleep(60)"])
def test_one_that_ends_or_holds_up_its_process_is_given_up_and_the_next_is_read(
    desk: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str
) -> None:
    script = tmp_path / "program.py"
    script.write_text(program, encoding="utf-8")
    facturx.EXTRACTOR.stop()
    desk.drop("acme/1.pdf", pdf(("factur-x.xml", cii().encode())))
    with monkeypatch.context() as harmed:
        harmed.setattr(pdf_attachments, "__file__", str(script))
        harmed.setattr(facturx, "SECONDS", 0.2)
        (record,) = desk.take().new_files
    assert record.reason == "reading its PDF failed: it is damaged, or made to do harm"
    desk.drop("acme/2.pdf", pdf(("factur-x.xml", ubl().encode())))
    assert [one.status for one in desk.take().new_files] == ["landed"]


def test_the_process_lives_with_bounded_memory(desk: Any) -> None:
    assert taken(desk, pdf(("factur-x.xml", cii().encode()))).status == "landed"
    process = facturx.EXTRACTOR._process
    assert process is not None
    if not hasattr(resource, "prlimit"):
        pytest.skip("only Linux tells the memory limit of another process: run this there")
    assert resource.prlimit(process.pid, resource.RLIMIT_AS) == (pdf_attachments.MEMORY,) * 2


def test_a_second_pdf_is_read_by_the_same_process(desk: Any) -> None:
    taken(desk, pdf(("factur-x.xml", cii().encode())))
    process = facturx.EXTRACTOR._process
    desk.drop("acme/2.pdf", pdf(("factur-x.xml", ubl().encode())))
    desk.take()
    assert facturx.EXTRACTOR._process is process


@pytest.fixture(autouse=True)
def quiet() -> None:
    logging.getLogger("factur-x").setLevel(logging.ERROR)
    logging.getLogger("pypdf").setLevel(logging.ERROR)
