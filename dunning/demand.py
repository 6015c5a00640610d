"""What a reminder asks for: its documents, and the sums below them, as its language writes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from documents import formats
from dunning.action import Action, clean
from dunning.texts import texts

HEADINGS: Final = ("document", "document_date", "due_date", "days_late", "open")
FIGURES: Final = (3, 4)
"""Columns whose cells stand at the right."""

LONGEST_NAME: Final = 40
"""Characters of a document's name that are shown; real ones have half as many."""


@dataclass(frozen=True)
class Demand:
    """A table: headings, a row per document, and sums with their names, of which the last is what is asked for."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    sums: Sequence[tuple[str, str]]


def demand(action: Action, *, with_penalties: bool) -> Demand:
    """The table of an action; where the template asks for them, with its penalties and compensation, if any."""
    t = texts(action.language)

    def money(value: Decimal) -> str:
        return formats.amount(value, action.currency, action.language)

    rows = [
        (
            clean(item.document_ref)[:LONGEST_NAME],
            formats.day(item.document_date, action.language),
            formats.day(item.due_date, action.language),
            t("unit.days", count=t.number(item.days_past_due)) if item.days_past_due > 0 else "",
            money(item.amount),
        )
        for item in action.items
    ]
    added = [("penalties", action.penalties), ("compensation", action.compensation)]
    added = [(name, value) for name, value in added if value and with_penalties]
    alone = [("total", action.amount)]
    told = [("principal", action.amount), *added, ("due", action.total)] if added else alone
    return Demand(
        [t(f"column.{name}") for name in HEADINGS],
        rows,
        [(t(f"sum.{name}"), money(value)) for name, value in told],
    )
