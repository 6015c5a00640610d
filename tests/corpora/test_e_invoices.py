"""Every e-invoice of the corpora: landed with the totals that a plain XPath finds, or refused for what it is."""

import logging
import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import facturx as library
import pyarrow.parquet as pq
import pytest
from lxml import etree

from home.layout import Home
from home.settings import Settings
from ingestion.formats.pdf_attachments import best_attachment
from ingestion.intake import take_in
from ingestion.landing import landed_files

REFUSED = {"order-x-basic.xml": "it is an order (Order-X), not an invoice"}

NET = "SpecifiedTradeSettlement{header}MonetarySummation/TaxBasisTotalAmount | LegalMonetaryTotal/TaxExclusiveAmount"
GROSS = "SpecifiedTradeSettlement{header}MonetarySummation/GrandTotalAmount | LegalMonetaryTotal/TaxInclusiveAmount"
PAYABLE = (
    "SpecifiedTradeSettlement{header}MonetarySummation/DuePayableAmount | LegalMonetaryTotal/PayableAmount"
)
NUMBER = "ExchangedDocument/ID | HeaderExchangedDocument/ID | Invoice/ID | CreditNote/ID"
CURRENCY = "InvoiceCurrencyCode | DocumentCurrencyCode"


@pytest.fixture
def files(corpora: Path) -> list[Path]:
    logging.getLogger("factur-x").setLevel(logging.ERROR)
    found = sorted(path for path in (corpora / "einvoice").rglob("*") if path.is_file())
    if not found:
        pytest.skip("the corpora have no e-invoices: add some under einvoice/ to run this")
    return found


def xml_of(file: Path) -> bytes:
    content = file.read_bytes()
    if not content.startswith(b"%PDF"):
        return content
    name, found = library.get_facturx_xml_from_pdf(content, check_xsd=False)
    assert name
    return bytes(found)


def values(root: Any, paths: str, tail: str = "") -> list[str]:
    """The values that paths of local names lead to, wherever in the document they begin."""
    steps = (
        "//" + "/".join(f"*[local-name()='{step}']" for step in path.strip().split("/")) + tail
        for header in ("", "Header")
        for path in paths.replace("{header}", header).split("|")
    )
    expression = " | ".join(dict.fromkeys(steps))
    return [" ".join((one if isinstance(one, str) else one.text).split()) for one in root.xpath(expression)]


def only(found: list[str]) -> str | None:
    assert len(found) <= 1, found
    return found[0] if found else None


def money(found: list[str]) -> Decimal | None:
    text = only(found)
    return None if text is None else Decimal(text)


def in_document_currency(root: Any, currency: str | None) -> Decimal:
    """The VAT rows of the document, not of its lines, and in UBL not those in the tax currency."""
    rows = root.xpath(
        "//*[local-name()='ApplicableHeaderTradeSettlement' or local-name()='ApplicableSupplyChainTradeSettlement']"
        "/*[local-name()='ApplicableTradeTax']/*[local-name()='CalculatedAmount'] | "
        f"/*/*[local-name()='TaxTotal'][*[local-name()='TaxAmount']/@currencyID='{currency}']"
        "/*[local-name()='TaxSubtotal']/*[local-name()='TaxAmount']"
    )
    return sum((Decimal(row.text) for row in rows), Decimal(0))


def test_every_document_lands_with_its_totals(files: list[Path], tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    home.create()
    for file in files:
        folder = home.inbox / "acme" / file.parent.name
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, folder / file.name)
    intake = take_in(home, Settings(), seen_at=datetime(2026, 7, 1, tzinfo=UTC))
    rows = {path.stem: pq.read_table(path).to_pylist() for path in landed_files(home, "e_invoices")}
    refused = {}
    for record in intake.new_files:
        file = home.inbox / record.source_file
        if record.status == "refused":
            refused[file.name] = record.reason
            continue
        assert (record.status, record.kind) in (("landed", "e_invoice"), ("duplicate", "e_invoice"))
        (row,) = rows[record.source_sha256]
        root = etree.fromstring(xml_of(file))
        currency = only(values(root, CURRENCY))
        gross = money(values(root, GROSS))
        assert gross is not None
        sign = -1 if gross < 0 else 1
        expected = {
            "document_number": only(values(root, NUMBER)),
            "currency_code": currency,
            "gross_amount": abs(gross),
            "net_amount": signed(sign, money(values(root, NET))),
            "payable_amount": signed(sign, money(values(root, PAYABLE))),
        }
        assert {name: row[name] for name in expected} == expected, record.source_file
        assert sum((one["vat_amount"] or Decimal(0) for one in row["vat_breakdown"]), Decimal(0)) == (
            sign * in_document_currency(root, currency)
        ), record.source_file
        is_credit_note = etree.QName(root).localname == "CreditNote" or values(
            root, "ExchangedDocument/TypeCode"
        ) == ["381"]
        assert row["document_type"] == ("credit_note" if is_credit_note != (sign < 0) else "invoice")
        days = {
            day.replace("-", "")[:8]
            for day in (
                *values(root, "SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString"),
                *values(root, "Invoice/DueDate"),
            )
        }
        assert {f"{one['due_date']:%Y%m%d}" for one in row["instalments"] if one["due_date"]} == days
    assert refused == REFUSED


def signed(sign: int, amount: Decimal | None) -> Decimal | None:
    return None if amount is None else sign * amount


def test_the_attachment_is_the_one_that_the_factur_x_library_finds(files: list[Path]) -> None:
    pdfs = [file for file in files if file.suffix.lower() == ".pdf"]
    assert pdfs
    for file in pdfs:
        name, content = library.get_facturx_xml_from_pdf(file.read_bytes(), check_xsd=False)
        assert best_attachment(file) == ({"name": name}, content)
