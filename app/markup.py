"""Pieces of pages that Streamlit has no widget for. Texts are escaped: names and labels come from untrusted files."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, Literal

Align = Literal["left", "right"]

_MARKS: Final = re.compile(r"[!-/:-@\[-`{-~]")
"""Every ASCII mark: Markdown reads any of them as itself after a backslash."""


@dataclass(frozen=True)
class Cell:
    """A cell, with its class if it is to look otherwise than its column."""

    text: str
    style: str = ""


@dataclass(frozen=True)
class Row:
    """A row of a table; ``style`` is ``total``, ``section`` or nothing. A section has a name and a sum."""

    cells: Sequence[str | Cell]
    style: str = ""


def table(headings: Sequence[tuple[str, Align]], rows: Iterable[Row]) -> str:
    """A table whose right-aligned columns are figures."""
    head = "".join(f'<th class="{align}" scope="col">{escape(label)}</th>' for label, align in headings)
    body = "".join(_row(row, [align for _, align in headings]) for row in rows)
    whole = f'<table class="e-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="e-scroll">{whole}</div>'


def _row(row: Row, aligned: Sequence[Align]) -> str:
    if row.style == "section":
        name, amount = (cell if isinstance(cell, str) else cell.text for cell in row.cells)
        return (
            f'<tr class="section"><td colspan="{len(aligned) - 1}">{escape(name)}</td>'
            f'<td class="right">{escape(amount)}</td></tr>'
        )
    cells = []
    for cell, align in zip(row.cells, aligned, strict=True):
        if isinstance(cell, str):
            cell = Cell(cell)
        cells.append(f'<td class="{align} {cell.style}">{escape(cell.text)}</td>')
    return f'<tr class="{row.style}">{"".join(cells)}</tr>'


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Names with their values, one under another; what has no value is left out."""
    shown = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in pairs if value)
    return f'<dl class="e-facts">{shown}</dl>'


def card(title: str, figure: str, body: str, *, style: str = "", remark: str = "") -> str:
    """A framed piece with a title, an amount at its right, and a body that is HTML already."""
    note = f'<div class="e-remark">{escape(remark)}</div>' if remark else ""
    return (
        f'<div class="e-card {style}"><div class="e-card-head"><span>{escape(title)}</span>'
        f'<span class="e-figure">{escape(figure)}</span></div>{note}{body}</div>'
    )


def listed(sentences: Iterable[str], style: str = "") -> str:
    """Sentences as a list."""
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f'<ul class="e-list {style}">{items}</ul>' if items else ""


def paragraph(text: str, style: str = "") -> str:
    """A paragraph."""
    return f'<p class="e-p {style}">{escape(text)}</p>'


def badge(text: str, style: str) -> str:
    """A word in a coloured frame."""
    return f'<span class="e-badge {style}">{escape(text)}</span>'


def quiet(text: str) -> str:
    """A remark in grey, within a line."""
    return f'<span class="e-quiet">{escape(text)}</span>'


def sums(lines: Iterable[tuple[str, str]]) -> str:
    """Names with their amounts; the last is what remains of the others."""
    listed = list(lines)
    cells = [
        f'<span class="{"last" if place == len(listed) - 1 else ""}">{escape(name)}</span>'
        f'<span class="e-right {"last" if place == len(listed) - 1 else ""}">{escape(amount)}</span>'
        for place, (name, amount) in enumerate(listed)
    ]
    return f'<div class="e-sum">{"".join(cells)}</div>'


def for_markdown(text: str) -> str:
    """A text as it is for what Streamlit reads as Markdown: no picture of it is fetched, and nothing in it is set."""
    return _MARKS.sub(r"\\\g<0>", " ".join(text.split()))
