"""No cell that a spreadsheet sees begins with what it would compute, whatever separator it splits at."""

import csv
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.formula_guard import guarded, unguarded

FORMULA = ("=", "+", "-", "@", "\t", "\r")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("VE;V;=HYPERLINK(1);10,00", "VE;V;'=HYPERLINK(1);10,00"),
        ('x;"@SUM(1)"', 'x;"\'@SUM(1)"'),
        ("Martin | -2", "Martin | '-2"),
        ("F2025-001 a+b", "F2025-001 a+b"),
        ("", ""),
    ],
)
def test_what_would_compute_is_guarded(text: str, shown: str) -> None:
    assert guarded(text) == shown


@given(st.text(alphabet="=+-@;,|\t\"' aZ9", max_size=30))
def test_no_separator_makes_a_formula_of_a_guarded_text(text: str) -> None:
    for separator in ";,|\t":
        for row in csv.reader([guarded(text)], delimiter=separator):
            assert not any(re.sub(r"^[\s\"]+", "", cell).startswith(FORMULA) for cell in row)


@given(st.text(alphabet="=+-@;,|\t\r\n\"' aZ9", max_size=30))
def test_what_was_guarded_is_read_back_as_it_was(text: str) -> None:
    assert unguarded(guarded(text)) == text
