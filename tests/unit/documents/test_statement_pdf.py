"""The statement of account as a customer gets it."""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from pypdf import PdfReader

from documents.statement_pdf import Age, Line, Statement, as_pdf, lines_of
from documents.texts import Language


def statement(language: Language = "fr") -> Statement:
    return Statement(
        company="Brindille Conseil",
        third_party="Crêperie Cœur & Fils <Nantes>",
        code="C00007",
        kind="customer",
        vat_number=None,
        as_of=date(2026, 6, 30),
        currency="EUR",
        lines=[
            Line(
                "FA2026-000012",
                "facture",
                date(2026, 3, 1),
                date(2026, 4, 30),
                Decimal("1234.56"),
                Decimal("1234.56"),
                61,
            ),
            Line(
                "AV2026-000003", "avoir", date(2026, 5, 2), None, Decimal("-34.56"), Decimal("-34.56"), None
            ),
        ],
        ages=[Age("Échu 61–90 j", Decimal("1234.56"), True), Age("Crédits", Decimal("-34.56"), False)],
        language=language,
    )


def pages(content: bytes) -> list[str]:
    return [page.extract_text().replace("\u00a0", " ") for page in PdfReader(io.BytesIO(content)).pages]


def test_it_names_the_firm_the_customer_the_documents_and_the_total() -> None:
    [page] = pages(as_pdf(statement()))
    for wanted in (
        "Brindille Conseil",
        "Relevé de compte",
        "Crêperie Cœur & Fils <Nantes>",
        "FA2026-000012",
        "30/04/2026",
        "1 234,56 €",
        "-34,56 €",
        "1 200,00 €",
        "Échu 61–90 j",
        "Dont 1 234,56 € à échéance dépassée",
    ):
        assert wanted in page, wanted


def test_it_is_written_in_the_customers_language() -> None:
    [page] = pages(as_pdf(statement("en")))
    assert "Statement of account" in page
    assert "€1,234.56" in page
    assert "30 Apr 2026" in page


def test_a_long_one_goes_on_over_pages_with_its_headings() -> None:
    many = replace(
        statement(),
        lines=[replace(statement().lines[0], document=f"FA{number:05d}") for number in range(120)],
    )
    found = pages(as_pdf(many))
    assert len(found) > 2
    assert all("Échéance" in page for page in found[:-1])
    assert "FA00000" in found[0]
    assert "FA00119" in found[-1] or "FA00119" in found[-2]
    assert "148 147,20 €" in found[-1]


@pytest.mark.parametrize(
    ("name", "shown"), [("Łódź Handel", "?ód"), ("Žižkov", "Žižkov"), ("Škoda ŷ", "Škoda y")]
)
def test_letters_that_the_fonts_lack_lose_their_marks_and_break_nothing(name: str, shown: str) -> None:
    [page] = pages(as_pdf(replace(statement(), third_party=name)))
    assert shown in page


def test_nothing_overdue_is_not_dunned() -> None:
    paid = replace(statement(), ages=[Age("À échoir", Decimal("10"), False)])
    [page] = pages(as_pdf(paid))
    assert "échéance dépassée" not in page


def test_what_is_disputed_of_a_document_stands_beside_it() -> None:
    row = {
        "document_ref": "FA-1",
        "item_type": "invoice",
        "document_date": date(2026, 5, 10),
        "entry_date": date(2026, 5, 10),
        "due_date": date(2026, 6, 9),
        "original_amount": Decimal("1000.00"),
        "open_amount": Decimal("800.00"),
        "disputed_amount": Decimal("300.00"),
        "days_past_due": 21,
    }
    whole = row | {"disputed_amount": Decimal("0.00")}
    assert [line.nature for line in lines_of([row, whole], "EUR", "en")] == [
        "invoice, of which €300.00 disputed",
        "invoice",
    ]
