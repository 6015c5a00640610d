"""The statement of account of a customer (*relevé de compte*) as a PDF to send. Given everything; reads nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer, Table, TableStyle

from documents import formats, page
from documents.page import ACCENT, LATE, QUIET, RULE, SHADE, WIDTH, text
from documents.texts import Language, Texts, texts

COLUMNS: Final = (31 * mm, 27 * mm, 22 * mm, 22 * mm, 27 * mm, 27 * mm, 18 * mm)
ZERO: Final = Decimal("0.00")


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
    """What the statement says, and in which language."""

    company: str
    third_party: str
    code: str
    kind: str
    vat_number: str | None
    as_of: date
    currency: str
    lines: Sequence[Line]
    ages: Sequence[Age]
    language: Language


def lines_of(rows: Iterable[Mapping[str, Any]], currency: str, language: Language) -> list[Line]:
    """The lines of rows of ``fct_open_items``, in their order; what is disputed of one stands beside what it is."""
    words = texts(language)
    return [
        Line(
            document=row["document_ref"] or "",
            nature=_nature(row, currency, words),
            document_date=row["document_date"] or row["entry_date"],
            due_date=row["due_date"],
            original=row["original_amount"],
            open=row["open_amount"],
            days_late=row["days_past_due"],
        )
        for row in rows
    ]


def _nature(row: Mapping[str, Any], currency: str, words: Texts) -> str:
    nature = words.code("item_type", row["item_type"])
    if not row["disputed_amount"]:
        return nature
    disputed = formats.amount(row["disputed_amount"], currency, words.language)
    return words("statement.disputed", nature=nature, amount=disputed)


def ages_of(
    rows: Sequence[Mapping[str, Any]], buckets: Iterable[Mapping[str, Any]], language: Language
) -> list[Age]:
    """The sums of rows of ``fct_open_items`` in each row of ``dim_ageing_buckets``, in the order of those."""
    return [
        Age(
            bucket[f"label_{language}"],
            sum(
                (
                    row["open_amount"]
                    for row in rows
                    if row["ageing_bucket_code"] == bucket["ageing_bucket_code"]
                ),
                ZERO,
            ),
            bucket["is_overdue"],
        )
        for bucket in buckets
    ]


def as_pdf(statement: Statement) -> bytes:
    """The statement as a PDF, A4, as many pages as it takes."""
    t = texts(statement.language)
    about = page.About(
        title=f"{t('statement.title')} – {statement.third_party}",
        author=statement.company,
        language=statement.language,
        foot=t("statement.footer", company=statement.company),
        page=t("page.number"),
    )
    return page.as_pdf(about, content(statement))


def content(statement: Statement) -> list[Flowable]:
    """What stands on the pages of the statement."""
    return [*_head(statement), _lines(statement), Spacer(1, 7 * mm), *_ages(statement), *_close(statement)]


def _head(statement: Statement) -> list[Flowable]:
    t = texts(statement.language)
    day = formats.day(statement.as_of, statement.language)
    left = [
        text(statement.company, size=15, bold=True, colour=ACCENT),
        Spacer(1, 2 * mm),
        text(t("statement.title"), size=11, bold=True),
        text(t("statement.as_of", day=day), colour=QUIET),
    ]
    right = [
        text(statement.third_party, size=11, bold=True),
        text(t("statement.code", code=statement.code), colour=QUIET),
    ]
    if statement.vat_number:
        right.append(text(t("statement.vat", number=statement.vat_number), colour=QUIET))
    return [
        page.head(left, right),
        Spacer(1, 9 * mm),
        text(t(f"statement.intro_{statement.kind}", day=day)),
        Spacer(1, 4 * mm),
    ]


def _lines(statement: Statement) -> Table:
    t = texts(statement.language)
    heads = ("document", "item_type", "document_date", "due_date", "original", "open", "days_late")
    rows: list[list[Any]] = [
        [
            text(t(f"column.{head}"), bold=True, colour=QUIET, right=place > 3)
            for place, head in enumerate(heads)
        ]
    ]
    for line in statement.lines:
        is_late = line.days_late is not None and line.days_late > 0
        rows.append(
            [
                text(line.document),
                text(line.nature),
                text(formats.day(line.document_date, t.language)),
                text(formats.day(line.due_date, t.language)),
                page.figure(line.original, statement.currency, t.language),
                page.figure(line.open, statement.currency, t.language),
                text(t.number(line.days_late or 0) if is_late else "", right=True, colour=LATE),
            ]
        )
    total = sum((line.open for line in statement.lines), ZERO)
    rows.append(
        [
            text(t("statement.total"), bold=True),
            *[""] * 4,
            page.figure(total, statement.currency, t.language, bold=True),
            "",
        ]
    )
    # The total needs more room than its column where it is long.
    return page.documents_table(rows, COLUMNS, spanned=4)


def _ages(statement: Statement) -> list[Flowable]:
    shown = [age for age in statement.ages if age.amount]
    if not shown:
        return []
    rows = [
        [text(age.label, bold=True, colour=LATE if age.is_overdue else QUIET, right=True) for age in shown],
        [page.figure(age.amount, statement.currency, statement.language) for age in shown],
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
    heading = text(texts(statement.language)("statement.ages"), bold=True)
    return [heading, Spacer(1, 2 * mm), table, Spacer(1, 6 * mm)]


def _close(statement: Statement) -> list[Flowable]:
    overdue = sum((age.amount for age in statement.ages if age.is_overdue), ZERO)
    if statement.kind != "customer" or overdue <= 0:
        return []
    shown = formats.amount(overdue, statement.currency, statement.language)
    return [text(texts(statement.language)("statement.overdue", amount=shown))]
