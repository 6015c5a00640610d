"""What all documents look like: paper, colours, type, the foot of each page."""

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, Table, TableStyle

from documents import formats
from documents.texts import Language

INK: Final = HexColor("#1d2b33")
ACCENT: Final = HexColor("#0f5c6e")
QUIET: Final = HexColor("#5b6b73")
RULE: Final = HexColor("#cfd8dc")
SHADE: Final = HexColor("#f3f6f7")
LATE: Final = HexColor("#a4371f")

MARGIN: Final = 18 * mm
FOOT: Final = 20 * mm
WIDTH: Final = A4[0] - 2 * MARGIN


@dataclass(frozen=True)
class About:
    """What a document is: its title and author, its language, what stands at the foot of each page."""

    title: str
    author: str
    language: Language
    foot: str
    page: str
    """How a page is numbered, with ``{page}`` in it."""


def as_pdf(about: About, content: Sequence[Flowable]) -> bytes:
    """The content as a PDF, A4, as many pages as it takes; the same bytes for the same content."""
    written = io.BytesIO()
    document = BaseDocTemplate(
        written,
        pagesize=A4,
        title=about.title,
        author=about.author,
        lang=about.language,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=FOOT,
        invariant=1,
    )
    frame = Frame(MARGIN, FOOT, WIDTH, A4[1] - MARGIN - FOOT, 0, 0, 0, 0)

    def footer(canvas: Canvas, _: Any) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.setFillColor(QUIET)
        canvas.drawString(MARGIN, 11 * mm, printable(about.foot))
        canvas.drawRightString(A4[0] - MARGIN, 11 * mm, about.page.format(page=canvas.getPageNumber()))

    document.addPageTemplates([PageTemplate(id="page", frames=[frame], onPage=footer)])
    document.build(list(content))
    return written.getvalue()


def head(left: Sequence[Flowable], right: Sequence[Flowable]) -> Table:
    """Who writes, at the left, and to whom, in a frame at the right."""
    table = Table([[list(left), list(right)]], colWidths=[WIDTH * 0.52, WIDTH * 0.48])
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (0, 0), 0),
                ("BOX", (1, 0), (1, 0), 0.6, RULE),
                ("LEFTPADDING", (1, 0), (1, 0), 10),
                ("TOPPADDING", (1, 0), (1, 0), 8),
                ("BOTTOMPADDING", (1, 0), (1, 0), 8),
            ]
        )
    )
    return table


def documents_table(
    rows: Sequence[list[Any]], widths: Sequence[float], *, spanned: int, sums: int = 1
) -> Table:
    """A table with headings, which each page repeats, and last rows of sums whose first ``spanned`` cells are one."""
    table = Table(rows, colWidths=widths, repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, ACCENT),
                ("LINEBELOW", (0, 1), (-1, -sums - 2), 0.3, RULE),
                ("BACKGROUND", (0, -sums), (-1, -1), SHADE),
                ("LINEABOVE", (0, -sums), (-1, -sums), 0.8, ACCENT),
                *(("SPAN", (0, -place), (spanned - 1, -place)) for place in range(1, sums + 1)),
                ("LEFTPADDING", (0, 0), (-1, -1), 3),
                ("RIGHTPADDING", (0, 0), (-1, -1), 3),
                ("TOPPADDING", (0, 0), (-1, -1), 2.6),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2.6),
            ]
        )
    )
    return table


def figure(value: Decimal, currency: str, language: Language, *, bold: bool = False) -> Paragraph:
    """An amount, at the right of its cell."""
    return text(formats.amount(value, currency, language), right=True, bold=bold)


def text(
    words: str, *, size: float = 9, bold: bool = False, right: bool = False, colour: Color = INK
) -> Paragraph:
    """A paragraph; nothing in it is markup."""
    style = ParagraphStyle(
        "text",
        fontName="Helvetica-Bold" if bold else "Helvetica",
        fontSize=size,
        leading=size * 1.28,
        textColor=colour,
        alignment=TA_RIGHT if right else 0,
    )
    return Paragraph(escape(printable(words)), style)


def printable(words: str) -> str:
    """The text in what the fonts of every PDF reader can show (CP1252): other letters without their marks."""
    words = words.replace(formats.THIN, formats.BLANK)
    shown = []
    for character in words:
        if _is_shown(character):
            shown.append(character)
        else:
            plain = "".join(filter(_is_shown, unicodedata.normalize("NFKD", character)))
            shown.append(plain or "?")
    return "".join(shown)


def _is_shown(character: str) -> bool:
    try:
        character.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return character.isprintable() or character == formats.BLANK
