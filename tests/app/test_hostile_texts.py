"""Names and labels come from untrusted files: on every page they are shown as they are, and do nothing."""

from collections.abc import Callable

import duckdb
import pytest
from playwright.sync_api import Page, expect

from app.figures.marts import pinned
from app.main import PAGES
from app.markup import facts, for_markdown
from app.texts import texts
from home.layout import Home
from orchestration.publish import DATABASE_NAME
from tests.app.conftest import serving
from tests.app.grid_cells import settled

HOSTILE = (
    "![x](http://beacon.invalid/a.png) <img src=http://beacon.invalid/b.png onerror=document.title='taken'> "
    ":red[x] $x$ <script>document.title='taken'</script>"
)


@pytest.mark.parametrize(
    "text", ["![x](http://a/b.png)", ":red[a]", "$x$", "a_b*c*", "<b>", "# a", "&amp;", "`x`"]
)
def test_markdown_is_escaped_mark_by_mark(text: str) -> None:
    escaped = for_markdown(text)
    assert escaped.replace("\\", "") == text
    assert all(escaped[place - 1] == "\\" for place, one in enumerate(escaped) if one in "![](*_:$<>#&`")


def test_a_text_never_breaks_its_line() -> None:
    assert for_markdown("a\n\n# b") == "a \\# b"


def test_html_is_escaped() -> None:
    assert facts([("a", "<b>")]) == '<dl class="e-facts"><dt>a</dt><dd>&lt;b&gt;</dd></dl>'


def test_hostile_names_do_nothing_on_any_page(visit: Callable[..., Page], copied: Home) -> None:
    found = pinned(copied)
    assert found is not None
    with duckdb.connect(found.release / DATABASE_NAME) as connection:
        for mart, columns in {
            "dim_third_parties": ("name",),
            "mart_aged_balance": ("name", "agency"),
            "mart_collection_worklist": (
                "name",
                "agency",
                "sales_rep",
                "comment",
                "last_action_remark",
                "next_action_fr",
            ),
            "fct_recurring_flows": ("label",),
            "fct_promises": ("document_ref", "remark"),
            "fct_disputes": ("document_ref", "reason"),
            "fct_dunning_items": ("document_ref", "why_fr"),
            "dim_companies": ("name",),
            "fct_bank_transactions": ("counterparty_name", "remittance_text", "bank_entry_reference"),
            "fct_ledger_lines": ("label", "document_ref"),
            "fct_open_items": ("document_ref",),
            "fct_reconciliation_exceptions": ("explanation_fr",),
            "fct_bank_reconciliation_statement_items": ("label", "counterparty_name", "reference"),
            "fct_control_totals": ("subject",),
            "fct_quality_results": ("subject", "detail", "source_file"),
        }.items():
            for column in columns:
                connection.execute(f"UPDATE marts.{mart} SET {column} = ?", [HOSTILE])
    with serving(copied) as address:
        asked: list[str] = []
        page = visit(address, title="Vue d'ensemble")
        page.on("request", lambda request: asked.append(request.url))
        for name, _, _ in PAGES:
            title = texts("fr")(f"{name}.title")
            page.get_by_role("link", name=title).click()
            page.get_by_role("heading", name=title, level=1).wait_for()
            settled(page)
            expect(page.get_by_test_id("stException")).to_have_count(0)
            assert "taken" not in page.title()
            assert page.locator("img[src*=beacon]").count() == 0
        page.get_by_role("link", name="Clients et fournisseurs").click()
        expect(page.get_by_role("heading", level=3).first).to_contain_text(
            "![x](http://beacon.invalid/a.png)"
        )
    assert not [url for url in asked if "beacon.invalid" in url]
