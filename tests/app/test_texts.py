"""The texts are complete in both languages, and the pages ask for none that is not there."""

import re
from pathlib import Path
from string import Formatter

import pytest

import app
from app.figures.marts import PinnedHome, rows
from app.texts import texts
from documents.texts import LANGUAGES

SOURCES = sorted(Path(app.__file__).parent.rglob("*.py"))
ASKED = re.compile(r"""\b(?:t|session\.t|self\._session\.t|words)(?:\.counted)?\(\s*f?"([^"]+)\"""")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys() -> None:
    assert texts("fr").words.keys() == texts("en").words.keys()


def test_both_languages_say_the_same_things() -> None:
    english = texts("en").words
    differing = [key for key, text in texts("fr").words.items() if fields(text) != fields(english[key])]
    assert not differing


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty(language: str) -> None:
    assert not [key for key, text in texts(language).words.items() if not text.strip()]  # type: ignore[arg-type]


def test_pages_ask_only_for_texts_that_are_there() -> None:
    known = texts("fr").words
    missing = []
    for source in SOURCES:
        for key in ASKED.findall(source.read_text(encoding="utf-8")):
            pattern = re.compile(re.sub(r"\\\{.*?\\\}", ".+", re.escape(key)) + r"(\.one)?")
            if not any(pattern.fullmatch(one) for one in known):
                missing.append((source.name, key))
    assert not missing
    assert sum(len(ASKED.findall(source.read_text(encoding="utf-8"))) for source in SOURCES) > 150


def test_french_typography() -> None:
    # A blank before : ; ? ! in French, none in English; no English apostrophe-less quotes.
    wrong = [
        key
        for key, text in texts("fr").words.items()
        if re.search(r"[^\s\d/\]}]:(?!//)", re.sub(r"\{[^}]*\}", "x", text)) or re.search(r"\S[;?!]", text)
    ]
    assert not wrong


def test_counts_agree_with_their_noun() -> None:
    assert texts("fr").counted("overview.customers", 0) == "0 client"
    assert texts("fr").counted("overview.customers", 2) == "2 clients"
    assert texts("en").counted("overview.customers", 0) == "0 customers"
    assert texts("en").counted("overview.customers", 1) == "1 customer"
    assert texts("fr").counted("overview.customers", 12_345) == "12\u202f345 clients"


def test_every_code_of_the_marts_has_a_word(marts: PinnedHome) -> None:
    known = texts("fr").words
    for kind, mart, column in (
        ("control", "fct_control_totals", "control_name"),
        ("item_type", "fct_items", "item_type"),
        ("severity", "fct_reconciliation_exceptions", "severity"),
        ("files", "fct_source_files", "status"),
        ("residual", "fct_bank_matches", "residual_reason"),
        ("settlement", "fct_settlements", "settlement_kind"),
        ("bank", "fct_bank_reconciliation_statement_items", "category"),
    ):
        codes = {row["code"] for row in rows(marts, f"SELECT DISTINCT {column} AS code FROM {mart}")} - {None}
        assert codes
        assert not [code for code in codes if f"{kind}.{code}" not in known]
