"""A letter to a customer as a PDF to print and post, with what may follow it. Given everything; reads nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, PageBreak, Spacer

from documents import page, statement_pdf
from documents.page import ACCENT, QUIET, WIDTH, text
from documents.statement_pdf import Statement
from documents.texts import Language, texts

COLUMNS: Final = (58 * mm, 26 * mm, 26 * mm, 22 * mm, WIDTH - 132 * mm)


@dataclass(frozen=True)
class Letter:
    """What the letter says. Texts are as its language writes them."""

    company: str
    customer: Sequence[str]
    """The customer's name, then what else stands in the frame: account, VAT number."""
    day: str
    posting: str
    """How it is posted, where that belongs on the letter; else empty."""
    subject: str
    before: Sequence[str]
    headings: Sequence[str]
    """Of the list of documents: five, the last two those of figures."""
    rows: Sequence[Sequence[str]]
    sums: Sequence[tuple[str, str]]
    """Names with amounts; the last is what is asked for."""
    after: Sequence[str]
    language: Language


def as_pdf(letter: Letter, statement: Statement) -> bytes:
    """The letter, and on a page of its own the statement of account."""
    about = page.About(
        title=letter.subject,
        author=letter.company,
        language=letter.language,
        foot=letter.company,
        page=texts(letter.language)("page.number"),
    )
    return page.as_pdf(about, [*_content(letter), PageBreak(), *statement_pdf.content(statement)])


def _content(letter: Letter) -> list[Flowable]:
    name, *rest = letter.customer
    left = [
        text(letter.company, size=15, bold=True, colour=ACCENT),
        Spacer(1, 2 * mm),
        text(letter.day, colour=QUIET),
    ]
    right = [text(name, size=11, bold=True), *(text(line, colour=QUIET) for line in rest)]
    found: list[Flowable] = [page.head(left, right), Spacer(1, 12 * mm)]
    if letter.posting:
        found += [text(letter.posting, bold=True), Spacer(1, 4 * mm)]
    found += [text(letter.subject, size=11, bold=True), Spacer(1, 6 * mm)]
    found += _paragraphs(letter.before)
    found += [_table(letter), Spacer(1, 6 * mm)]
    *above, greeting, signature = ["", "", *letter.after]
    found += _paragraphs(one for one in above if one)
    # The signature does not stand alone on a page.
    found.append(KeepTogether(_paragraphs(one for one in (greeting, signature) if one)))
    return found


def _paragraphs(paragraphs: Iterable[str]) -> list[Flowable]:
    found: list[Flowable] = []
    for paragraph in paragraphs:
        found += [text(line, size=10) for line in paragraph.splitlines()]
        found.append(Spacer(1, 3.2 * mm))
    return found


def _table(letter: Letter) -> Flowable:
    rows: list[list[Any]] = [
        [text(cell, bold=True, colour=QUIET, right=place > 2) for place, cell in enumerate(letter.headings)]
    ]
    rows += [[text(cell, right=place > 2) for place, cell in enumerate(row)] for row in letter.rows]
    for place, (name, amount) in enumerate(letter.sums, start=1):
        is_last = place == len(letter.sums)
        rows.append([text(name, bold=is_last), "", "", "", text(amount, bold=is_last, right=True)])
    return page.documents_table(rows, COLUMNS, sums=len(letter.sums), spanned=4)
