"""Every page in a real browser, in both languages."""

import io
import re
from collections.abc import Callable
from decimal import Decimal

import openpyxl
import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from app.figures.marts import PinnedHome, rows
from app.main import PAGES
from app.texts import texts
from documents import formats
from documents.texts import Language
from tests.app.grid_cells import settled, tick

LOCALES: dict[str, Language] = {"fr-FR": "fr", "en-GB": "en"}


def open_page(visit: Callable[..., Page], address: str, name: str, locale: str = "fr-FR") -> Page:
    # The first page has no name in its address.
    path = "" if name == "overview" else name
    page = visit(f"{address}/{path}", locale=locale, title=texts(LOCALES[locale])(f"{name}.title"))
    settled(page)
    return page


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", [name for name, _, _ in PAGES])
def test_each_page_shows_without_an_error(
    visit: Callable[..., Page], address: str, name: str, locale: str
) -> None:
    page = open_page(visit, address, name, locale)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)
    other = texts("en" if LOCALES[locale] == "fr" else "fr")
    if other(f"{name}.title") != texts(LOCALES[locale])(f"{name}.title"):
        expect(page.get_by_text(other(f"{name}.title"), exact=True)).to_have_count(0)


def test_the_first_page_tells_what_customers_owe_to_the_cent(
    visit: Callable[..., Page], address: str, marts: PinnedHome
) -> None:
    [row] = rows(
        marts,
        "SELECT sum(open_amount) AS total, sum(open_amount) FILTER (status = 'overdue') AS overdue "
        "FROM fct_open_items WHERE ledger_side = 'receivable'",
    )
    for locale, language in LOCALES.items():
        page = open_page(visit, address, "overview", locale)
        figures = page.get_by_test_id("stMetricValue")
        expect(figures).to_have_count(5)
        for place, key in enumerate(("total", "overdue")):
            expect(figures.nth(place)).to_have_text(formats.amount(row[key], "EUR", language))


def test_the_language_can_be_switched(visit: Callable[..., Page], address: str) -> None:
    page = open_page(visit, address, "overview", "fr-FR")
    page.get_by_role("radio", name="English").click()
    page.get_by_role("heading", name="Overview", level=1).wait_for()
    page.get_by_role("link", name="Aged balance").click()
    page.get_by_role("heading", name="Aged balance", level=1).wait_for()


def test_a_browser_of_another_language_is_shown_the_settings(
    visit: Callable[..., Page], address: str
) -> None:
    visit(address, locale="de-DE", title="Overview")


def test_from_agency_to_customer_to_document(
    visit: Callable[..., Page], address: str, marts: PinnedHome
) -> None:
    page = open_page(visit, address, "aged")
    [agency] = rows(
        marts,
        "SELECT agency, count(*) AS n FROM mart_aged_balance WHERE ledger_side = 'receivable' "
        "GROUP BY agency ORDER BY sum(total_amount) DESC LIMIT 1",
    )
    page.get_by_role("heading", name=re.compile(r"^\d+ clients$")).wait_for()
    tick(page, 0)
    page.get_by_role("heading", name=f"{agency['n']} client", exact=False).wait_for()
    settled(page)
    tick(page, 0, grid=1)
    page.get_by_role("heading", name="Pièces de").wait_for()
    settled(page)
    [largest] = rows(
        marts,
        "SELECT name, third_party_id FROM mart_aged_balance WHERE ledger_side = 'receivable' "
        "AND agency IS NOT DISTINCT FROM $agency ORDER BY total_amount DESC, third_party_id LIMIT 1",
        {"agency": agency["agency"]},
    )
    page.get_by_role("heading", name=f"Pièces de {largest['name']}").wait_for()
    page.get_by_role("link", name="Ouvrir la fiche du tiers").click()
    page.get_by_role("heading", name=largest["name"], level=3).wait_for()


def test_the_aged_balance_as_a_workbook(visit: Callable[..., Page], address: str, marts: PinnedHome) -> None:
    page = open_page(visit, address, "aged")
    with page.expect_download() as given:
        page.get_by_role("button", name="Classeur Excel").click()
    book = openpyxl.load_workbook(io.BytesIO(given.value.path().read_bytes()))
    assert book.sheetnames == ["Balance âgée", "Pièces"]
    heads = [cell.value for cell in book["Balance âgée"][1]]
    amounts = [
        row[heads.index("Total")] for row in book["Balance âgée"].iter_rows(min_row=2, values_only=True)
    ]
    [expected] = rows(
        marts, "SELECT sum(total_amount) AS total FROM mart_aged_balance WHERE ledger_side = 'receivable'"
    )
    assert sum(Decimal(str(amount)) for amount in amounts) == expected["total"]
    heads = [cell.value for cell in book["Pièces"][1]]
    documents = [
        row[heads.index("Reste dû")] for row in book["Pièces"].iter_rows(min_row=2, values_only=True)
    ]
    assert sum(Decimal(str(amount)) for amount in documents) == expected["total"]


def test_a_statement_of_account_as_pdf(visit: Callable[..., Page], address: str, marts: PinnedHome) -> None:
    [party] = rows(
        marts,
        "SELECT third_party_id, name, total_amount FROM mart_aged_balance "
        "WHERE ledger_side = 'receivable' ORDER BY total_amount DESC LIMIT 1",
    )
    page = visit(f"{address}/customer?third_party={party['third_party_id']}", title="Clients et fournisseurs")
    page.get_by_role("heading", name=party["name"], level=3).wait_for()
    settled(page)
    with page.expect_download() as given:
        page.get_by_role("button", name="Relevé de compte (PDF)").click()
    text = "".join(one.extract_text() for one in PdfReader(given.value.path()).pages).replace("\u00a0", " ")
    assert party["name"] in text
    assert (
        formats.amount(party["total_amount"], "EUR", "fr").replace("\u202f", " ").replace("\u00a0", " ")
        in text
    )


def test_the_reconciliation_statement_agrees(
    visit: Callable[..., Page], address: str, marts: PinnedHome
) -> None:
    page = open_page(visit, address, "bank")
    expect(page.get_by_text("Les soldes rectifiés concordent")).to_be_visible()
    [row] = rows(
        marts,
        """
        SELECT bank_balance, adjusted_ledger_balance FROM fct_bank_reconciliation_statements
        ORDER BY company_id, ledger_account, bank_account_id, as_of_date DESC LIMIT 1
        """,
    )
    for amount in row.values():
        expect(page.get_by_text(formats.amount(amount, "EUR", "fr"), exact=True).first).to_be_visible()


def test_figures_of_tables_are_written_as_the_language_does(visit: Callable[..., Page], address: str) -> None:
    page = open_page(visit, address, "overview", "en-GB")
    expect(page.locator(".e-table td", has_text=re.compile(r"^€[\d,]+\.\d\d$")).first).to_be_visible()
    page = open_page(visit, address, "overview", "fr-FR")
    expect(
        page.locator(".e-table td", has_text=re.compile(r"^[\d\u202f]+,\d\d\u00a0€$")).first
    ).to_be_visible()
