"""The statement of account of a customer (*relevé de compte*) as a PDF to send. Given everything; reads nothing."""

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph, Spacer, Table, TableStyle

from app import formats
from app.texts import Texts

INK: Final = HexColor("#1d2b33")
ACCENT: Final = HexColor("#0f5c6e")
QUIET: Final = HexColor("#5b6b73")
RULE: Final = HexColor("#cfd8dc")
SHADE: Final = HexColor("#f3f6f7")
LATE: Final = HexColor("#a4371f")

MARGIN: Final = 18 * mm
WIDTH: Final = A4[0] - 2 * MARGIN
COLUMNS: Final = (31 * mm, 27 * mm, 22 * mm, 22 * mm, 27 * mm, 27 * mm, 18 * mm)


@dataclass(frozen=True)
class Line:
    """An open document. Amounts are signed: what the customer owes is positive."""

    document: str
    nature: str
    document_date: date
    due_date: date | None
    original: Decimal
    open: Decimal
    days_late: int | None


@dataclass(frozen=True)
class Age:
    """An age band with its sum."""

    label: str
    amount: Decimal
    is_overdue: bool


@dataclass(frozen=True)
class Statement:
    """What the statement says; ``t`` are the texts of its language."""

    company: str
    third_party: str
    code: str
    kind: str
    vat_number: str | None
    as_of: date
    currency: str
    lines: Sequence[Line]
    ages: Sequence[Age]
    t: Texts


def as_pdf(statement: Statement) -> bytes:
    """The statement as a PDF, A4, as many pages as it takes."""
    t = statement.t
    content = io.BytesIO()
    title = f"{t('pdf.title')} – {statement.third_party}"
    document = BaseDocTemplate(
        content,
        pagesize=A4,
        title=title,
        author=statement.company,
        lang=t.language,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=20 * mm,
    )
    frame = Frame(MARGIN, 20 * mm, WIDTH, A4[1] - MARGIN - 20 * mm, 0, 0, 0, 0)

    def footer(canvas: Canvas, _: Any) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.setFillColor(QUIET)
        canvas.drawString(MARGIN, 11 * mm, _printable(t("pdf.footer", company=statement.company)))
        canvas.drawRightString(A4[0] - MARGIN, 11 * mm, t("pdf.page", page=canvas.getPageNumber()))

    document.addPageTemplates([PageTemplate(id="page", frames=[frame], onPage=footer)])
    document.build(
        [*_head(statement), _lines(statement), Spacer(1, 7 * mm), *_ages(statement), *_close(statement)]
    )
    return content.getvalue()


def _head(statement: Statement) -> list[Any]:
    t = statement.t
    day = formats.day(statement.as_of, t.language)
    left = [
        _text(statement.company, size=15, bold=True, colour=ACCENT),
        Spacer(1, 2 * mm),
        _text(t("pdf.title"), size=11, bold=True),
        _text(t("pdf.as_of", day=day), colour=QUIET),
    ]
    right = [
        _text(statement.third_party, size=11, bold=True),
        _text(t("pdf.code", code=statement.code), colour=QUIET),
    ]
    if statement.vat_number:
        right.append(_text(t("pdf.vat", number=statement.vat_number), colour=QUIET))
    heads = Table([[left, right]], colWidths=[WIDTH * 0.52, WIDTH * 0.48])
    heads.setStyle(
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
    return [heads, Spacer(1, 9 * mm), _text(t(f"pdf.intro_{statement.kind}", day=day)), Spacer(1, 4 * mm)]


def _lines(statement: Statement) -> Table:
    t = statement.t
    heads = ("document", "item_type", "document_date", "due_date", "original", "open", "days_late")
    rows: list[list[Any]] = [
        [
            _text(t(f"column.{head}"), bold=True, colour=QUIET, right=place > 3)
            for place, head in enumerate(heads)
        ]
    ]
    for line in statement.lines:
        is_late = line.days_late is not None and line.days_late > 0
        rows.append(
            [
                _text(line.document),
                _text(line.nature),
                _text(formats.day(line.document_date, t.language)),
                _text(formats.day(line.due_date, t.language)),
                _figure(statement, line.original),
                _figure(statement, line.open),
                _text(t.number(line.days_late or 0) if is_late else "", right=True, colour=LATE),
            ]
        )
    total = sum((line.open for line in statement.lines), Decimal("0.00"))
    rows.append(
        [
            _text(t("pdf.total"), bold=True),
            *[""] * 4,
            _figure(statement, total, bold=True),
            "",
        ]
    )
    # The total needs more room than its column where it is long.
    table = Table(rows, colWidths=COLUMNS, repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, ACCENT),
                ("LINEBELOW", (0, 1), (-1, -3), 0.3, RULE),
                ("BACKGROUND", (0, -1), (-1, -1), SHADE),
                ("LINEABOVE", (0, -1), (-1, -1), 0.8, ACCENT),
                ("SPAN", (0, -1), (3, -1)),
                ("LEFTPADDING", (0, 0), (-1, -1), 3),
                ("RIGHTPADDING", (0, 0), (-1, -1), 3),
                ("TOPPADDING", (0, 0), (-1, -1), 2.6),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2.6),
            ]
        )
    )
    return table


def _ages(statement: Statement) -> list[Any]:
    shown = [age for age in statement.ages if age.amount]
    if not shown:
        return []
    rows = [
        [_text(age.label, bold=True, colour=LATE if age.is_overdue else QUIET, right=True) for age in shown],
        [_figure(statement, age.amount) for age in shown],
    ]
    table = Table(rows, colWidths=[WIDTH / len(shown)] * len(shown))
    table.setStyle(
        TableStyle(
            [
                ("BOX", (0, 0), (-1, -1), 0.6, RULE),
                ("INNERGRID", (0, 0), (-1, -1), 0.3, RULE),
                ("BACKGROUND", (0, 0), (-1, 0), SHADE),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ]
        )
    )
    return [_text(statement.t("pdf.ages"), bold=True), Spacer(1, 2 * mm), table, Spacer(1, 6 * mm)]


def _close(statement: Statement) -> list[Any]:
    t = statement.t
    overdue = sum((age.amount for age in statement.ages if age.is_overdue), Decimal("0.00"))
    if statement.kind != "customer" or overdue <= 0:
        return []
    return [_text(t("pdf.overdue", amount=formats.amount(overdue, statement.currency, t.language)))]


def _figure(statement: Statement, value: Decimal, *, bold: bool = False) -> Paragraph:
    return _text(formats.amount(value, statement.currency, statement.t.language), right=True, bold=bold)


def _text(
    text: str, *, size: float = 9, bold: bool = False, right: bool = False, colour: Color = INK
) -> Paragraph:
    style = ParagraphStyle(
        "text",
        fontName="Helvetica-Bold" if bold else "Helvetica",
        fontSize=size,
        leading=size * 1.28,
        textColor=colour,
        alignment=TA_RIGHT if right else 0,
    )
    return Paragraph(escape(_printable(text)), style)


def _printable(text: str) -> str:
    """The text in what the fonts of every PDF reader can show (CP1252): other letters without their marks."""
    text = text.replace(formats.THIN, formats.BLANK)
    shown = []
    for character in text:
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
