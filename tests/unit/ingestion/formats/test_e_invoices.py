"""E-invoices in CII and UBL: the same document says the same in each syntax; what cannot be understood is refused."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.ingestion.formats.invoice_documents import (
    cii,
    cii_terms,
    to_zugferd_1,
    ubl,
    ubl_credit_note,
    ubl_terms,
)

SYNTAXES = pytest.mark.parametrize(
    "document", [cii(), to_zugferd_1(cii()), ubl()], ids=["cii", "zugferd-1", "ubl"]
)


def landed(desk: Any, document: str | bytes) -> dict[str, Any]:
    desk.drop("acme/invoice.xml", document)
    (record,) = desk.take().new_files
    assert record.status == "landed", record.reason
    assert (record.kind, record.rows_read, record.rows_landed, record.rows_quarantined) == (
        "e_invoice",
        1,
        1,
        0,
    )
    (row,) = desk.rows("e_invoices")
    return dict(row)


def refusal(desk: Any, document: str | bytes) -> str:
    desk.drop("acme/invoice.xml", document)
    (record,) = desk.take().new_files
    assert (record.status, record.kind) == ("refused", "e_invoice")
    assert record.remedy.endswith(".")
    assert desk.rows("e_invoices") == []
    return str(record.reason)


@SYNTAXES
def test_every_fact_of_the_document_lands(desk: Any, document: str) -> None:
    row = landed(desk, document)
    assert row.pop("source_sha256")
    assert row == {
        "source_row": 4,  # where its opening tag ends
        "document_number": "F-2026/001",
        "type_code": "380",
        "document_type": "invoice",
        "is_self_billed": False,
        "issue_date": date(2026, 1, 31),
        "currency_code": "EUR",
        "tax_currency_code": "CHF",
        "seller_name": "Le Fournisseur",
        "seller_siren": "123456782",
        "seller_vat_number": "FR11123456782",
        "seller_country_code": "FR",
        "buyer_name": "Le Client",
        "buyer_siren": "987654321",
        "buyer_vat_number": None,
        "buyer_country_code": None,
        "payee_name": "Le Factor",
        "payee_accounts": ["FR7630006000011234567890189", "DE89370400440532013000"],
        "payee_bic": "AGRIFRPP",
        "payer_account": "FR1420041010050500013M02606",
        "payment_reference": "RF18539007547034",
        "order_reference": "PO-9",
        "payment_terms": "En deux fois",
        "net_amount": Decimal("1100"),
        "vat_amount": Decimal("205.50"),
        "tax_currency_vat_amount": Decimal("195.10"),
        "gross_amount": Decimal("1305.50"),
        "prepaid_amount": Decimal("305.50"),
        "payable_amount": Decimal("1000"),
        "instalments": [
            {"due_date": date(2026, 2, 28), "amount": Decimal("400")},
            {"due_date": date(2026, 3, 31), "amount": Decimal("600")},
        ],
        "vat_breakdown": [
            {
                "category_code": "S",
                "rate": Decimal("20"),
                "net_amount": Decimal("1000"),
                "vat_amount": Decimal("200"),
            },
            {
                "category_code": "S",
                "rate": Decimal("5.5"),
                "net_amount": Decimal("100"),
                "vat_amount": Decimal("5.5"),
            },
        ],
        "preceding_invoices": [{"document_number": "F-2025/090", "issue_date": date(2025, 12, 31)}],
    }


@SYNTAXES
def test_the_manifest_says_syntax_day_and_parties(desk: Any, document: str) -> None:
    landed(desk, document)
    (record,) = desk.take().source_files.to_pylist()
    assert record["dialect"].split(";")[0] == ("UBL" if "xsd:Invoice-2" in document else "CII")
    assert "urn:cen.eu:en16931:2017" in record["dialect"]
    assert record["period_start"] == record["period_end"] == date(2026, 1, 31)


@pytest.mark.parametrize(
    ("document", "type_code"),
    [
        (cii().replace(">380<", ">381<"), "381"),
        (cii().replace(">380<", ">261<"), "261"),
        (ubl().replace(">380<", ">396<"), "396"),
        (ubl_credit_note(), "381"),
        (ubl_credit_note().replace("<cbc:CreditNoteTypeCode>381</cbc:CreditNoteTypeCode>", ""), None),
    ],
)
def test_a_credit_note_has_positive_amounts(desk: Any, document: str, type_code: str | None) -> None:
    row = landed(desk, document)
    assert (row["document_type"], row["type_code"]) == ("credit_note", type_code)
    assert (row["gross_amount"], row["instalments"][0]["amount"]) == (Decimal("1305.50"), Decimal("400"))


@pytest.mark.parametrize("type_code", ["384", "386", "389", "326", "877"])
def test_corrections_prepayments_and_self_billed_invoices_are_invoices(desk: Any, type_code: str) -> None:
    row = landed(desk, cii().replace(">380<", f">{type_code}<"))
    assert (row["document_type"], row["type_code"]) == ("invoice", type_code)
    assert row["is_self_billed"] == (type_code == "389")


def negative(document: str) -> str:
    return re.sub(r"(Amount(?: currencyID=\"\w+\")?>)(?=\d)", r"\1-", document)


@pytest.mark.parametrize(
    ("document", "document_type", "note"),
    [
        (cii(), "credit_note", "invoice F-2026/001 has a negative total: it lands as a credit note"),
        (ubl(), "credit_note", "invoice F-2026/001 has a negative total: it lands as a credit note"),
        (ubl_credit_note(), "invoice", "credit note F-2026/001 has a negative total: it lands as an invoice"),
    ],
)
def test_a_negative_total_turns_the_document_around(
    desk: Any, document: str, document_type: str, note: str
) -> None:
    desk.drop("acme/invoice.xml", negative(document))
    intake = desk.take()
    (row,) = desk.rows("e_invoices")
    assert row["document_type"] == document_type
    assert (row["net_amount"], row["vat_amount"], row["gross_amount"], row["prepaid_amount"]) == (
        Decimal("1100"),
        Decimal("205.5"),
        Decimal("1305.5"),
        Decimal("305.5"),
    )
    assert [one["amount"] for one in row["instalments"]] == [Decimal("400"), Decimal("600")]
    assert [one["vat_amount"] for one in row["vat_breakdown"]] == [Decimal("200"), Decimal("5.5")]
    assert intake.notes == (f"acme/invoice.xml: {note}, with positive amounts.",)


ALL_ON = [{"due_date": date(2026, 3, 2), "amount": Decimal("1000")}]


@pytest.mark.parametrize(
    ("document", "instalments", "terms"),
    [
        # One day for the whole document: what is left to pay falls due then.
        (cii(cii_terms("20260302", text="30 jours")), ALL_ON, "30 jours"),
        (ubl(ubl_terms(text="30 jours")), ALL_ON, "30 jours"),
        (ubl_credit_note(ubl("")), ALL_ON, None),
        # Terms in words alone say no day.
        (cii(cii_terms(text="à réception")), [], "à réception"),
        (cii(""), [], None),
        # A discount for paying earlier is an offer, and no instalment.
        (
            cii(cii_terms("20260210", text="Skonto", discount="2.00") + cii_terms("20260302", text="netto")),
            ALL_ON,
            "Skonto #SKONTO#TAGE=10#PROZENT=2.00# netto",
        ),
        (cii(cii_terms("20260302", discount="2.00")), ALL_ON, "#SKONTO#TAGE=10#PROZENT=2.00#"),
        (
            ubl(ubl_terms("2026-02-10", discount="2.00")),
            ALL_ON,
            "#SKONTO#TAGE=10#PROZENT=2.00#",
        ),
        # Several days without amounts stay without.
        (
            cii(cii_terms("20260228") + cii_terms("20260331")),
            [
                {"due_date": date(2026, 2, 28), "amount": None},
                {"due_date": date(2026, 3, 31), "amount": None},
            ],
            None,
        ),
        # An amount without a day is to pay, nobody knows when.
        (
            cii(cii_terms(amount="400.00") + cii_terms("20260331", "600.00")),
            [
                {"due_date": None, "amount": Decimal("400")},
                {"due_date": date(2026, 3, 31), "amount": Decimal("600")},
            ],
            None,
        ),
    ],
)
def test_due_dates_and_terms(
    desk: Any, document: str, instalments: list[dict[str, Any]], terms: str | None
) -> None:
    row = landed(desk, document)
    assert (row["instalments"], row["payment_terms"]) == (instalments, terms)


@pytest.mark.parametrize(
    ("old", "new", "siren"),
    [
        ('schemeID="0009">123 456 782 00077<', 'schemeID="0002">123456782<', "123456782"),
        ('schemeID="0009">123 456 782 00077<', 'schemeID="0002">12345678200077<', "123456782"),
        ('schemeID="0009">123 456 782 00077<', 'schemeID="0088">3012345678200<', "123456782"),
        ("FR 11 123456782", "DE123456789", "123456782"),
    ],
)
def test_the_siren_is_that_of_legal_id_siret_or_vat_number(desk: Any, old: str, new: str, siren: str) -> None:
    assert landed(desk, cii().replace(old, new))["seller_siren"] == siren


def test_a_german_seller_has_no_siren(desk: Any) -> None:
    document = (
        cii().replace("FR 11 123456782", "DE 123.456.789").replace('schemeID="0009"', 'schemeID="0088"')
    )
    row = landed(desk, document)
    assert (row["seller_siren"], row["seller_vat_number"]) == (None, "DE123456789")


@pytest.mark.parametrize(
    "envelope",
    [
        "{}",
        "\n\n  {}",
        "<!-- made by > software --><?xml-stylesheet href='x.xsl'?>{}",
        '<sh:StandardBusinessDocument xmlns:sh="urn:sbdh"><sh:StandardBusinessDocumentHeader/>{}'
        "</sh:StandardBusinessDocument>",
    ],
)
def test_what_stands_around_an_invoice_does_not_matter(desk: Any, envelope: str) -> None:
    document = ubl().partition("?>\n")[2]
    assert landed(desk, envelope.replace("{}", document))["document_number"] == "F-2026/001"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings(desk: Any, encoding: str) -> None:
    declared = {"utf-8-sig": "utf-8"}.get(encoding, encoding)
    document = cii().replace("UTF-8", declared).replace("Le Client", "Société Générale")
    assert landed(desk, document.encode(encoding))["buyer_name"] == "Société Générale"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (cii()[:3000], r"its XML is broken at line \d+: .+"),
        (ubl()[:-12], r"its XML is broken at line \d+: .+"),
        (cii().replace("> F-2026/001 <", "> <"), "the invoice has no number"),
        (ubl().replace("LegalMonetaryTotal", "Nothing"), "the invoice has no total"),
        (
            cii().replace(">1305.50<", ">1.305,50<"),
            "GrandTotalAmount on line {line}: “1.305,50” is not an amount",
        ),
        (
            ubl().replace(">1305.50<", f">{'9' * 30}<"),
            f"TaxInclusiveAmount on line {{line}}: “{'9' * 30}” is too large for an amount",
        ),
        (
            ubl().replace("2026-03-02", "2026-02-30"),
            "DueDate on line {line}: “2026-02-30” is no day of the calendar",
        ),
        (
            cii(cii_terms("29990101")),
            "DateTimeString on line {line}: “29990101” lies outside 1950 to 2100",
        ),
        (cii(cii_terms("202601")), "DateTimeString on line {line}: “202601” is not a date"),
        (
            cii().replace(
                "<rsm:Cross", "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><rsm:Cross", 1
            ),
            "its XML declares a document type, which no invoice does",
        ),
        (
            ubl().replace("<Invoice", "<!DOCTYPE x SYSTEM 'http://127.0.0.1:9/x.dtd'><Invoice", 1),
            "its XML declares a document type, which no invoice does",
        ),
        (
            '<?xml version="1.0"?><r:SCRDMCCBDACIOMessageStructure xmlns:r="urn:x"/>',
            "it is an order (Order-X), not an invoice",
        ),
        (
            '<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>',
            "it is a UBL Order, not an invoice",
        ),
        (
            cii().replace("<ram:ApplicableHeaderTradeDelivery/>", "<a/>" * 1_000_001),
            r"its XML has more than .+",
        ),
        (
            cii().replace("<ram:ApplicableHeaderTradeDelivery/>", f"<a>{'x' * (10 << 20)}</a>"),
            r"its XML holds a value of more than 10 MB at line \d+",
        ),
    ],
    ids=lambda value: value[:20] if len(value) < 200 else "",
)
def test_what_is_no_invoice_or_cannot_be_understood_is_refused_in_a_sentence(
    desk: Any, document: str, reason: str
) -> None:
    if written := re.search("“(.+)”", reason):
        line = document[: document.index(f">{written[1]}<")].count("\n") + 1
        reason = reason.replace("{line}", str(line))
    said = refusal(desk, document)
    assert said == reason or re.fullmatch(reason, said), said


def test_entities_are_never_resolved(desk: Any) -> None:
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
    bomb = cii().replace("<rsm:Cross", f"<!DOCTYPE x [<!ENTITY l0 'ha'>{laughs}]><rsm:Cross", 1)
    assert "document type" in refusal(desk, bomb.replace("Le Client", "&l9;"))


def test_a_prolog_without_end_is_looked_at_in_linear_time(desk: Any) -> None:
    desk.drop("acme/x.xml", "<?" + "?><?" * 16_000)
    (record,) = desk.take().new_files
    assert record.status == "refused"


def test_zeros_are_no_date(desk: Any) -> None:
    assert landed(desk, cii(cii_terms("00000000", "400.00")))["instalments"] == [
        {"due_date": None, "amount": Decimal("400")}
    ]


@pytest.mark.parametrize(
    ("change", "amounts"),
    [
        # KWD has three decimals, and trailing zeros say nothing.
        (lambda text: text.replace(">1305.50<", ">1305.505<"), "1305.505"),
        (lambda text: text.replace(">1305.50<", ">1305.5000000000<"), "1305.50"),
        (lambda text: text.replace(">1305.50<", "> +1305.50 <"), "1305.50"),
    ],
)
def test_amounts_as_xml_writes_them(desk: Any, change: Callable[[str], str], amounts: str) -> None:
    assert landed(desk, change(cii()))["gross_amount"] == Decimal(amounts)
