"""Charts. Only here do amounts become floating point: a pixel is no cent."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import altair as alt
import pandas as pd

from documents import formats
from documents.texts import Language

NOT_DUE: Final = ("#0f5c6e", "#3f8698", "#7fb3bf")
LATE: Final = ("#f2c14e", "#ec9a3c", "#dd6b2f", "#a4371f")
CREDITS: Final = "#90a4ae"
UNDATED: Final = "#cfd8dc"


def ages(
    rows: Sequence[Mapping[str, Any]], currency: str, language: Language, heading: str
) -> alt.LayerChart | alt.FacetChart:
    """The aged balance as bars: rows of label, is_overdue, ageing_bucket_code and amount, in their order."""
    not_due, late = iter(NOT_DUE), iter(LATE)
    colours = [_colour(row, not_due, late) for row in rows]
    frame = pd.DataFrame(
        {
            "label": [_in_two_lines(row["label"]) for row in rows],
            "name": [row["label"] for row in rows],
            "value": [float(row["amount"]) for row in rows],
            "text": [_whole(row["amount"], currency, language) for row in rows],
            "exact": [formats.amount(row["amount"], currency, language) for row in rows],
        }
    )
    base = alt.Chart(frame).encode(
        x=alt.X(
            "label:N",
            sort=None,
            title=None,
            axis=alt.Axis(labelAngle=0, labelExpr="split(datum.label, '|')", labelFontSize=11, ticks=False),
        ),
        y=alt.Y("value:Q", title=None, axis=None),
        tooltip=[alt.Tooltip("name:N", title=heading), alt.Tooltip("exact:N", title=" ")],
    )
    bars = base.mark_bar(cornerRadius=3).encode(
        color=alt.Color("label:N", scale=alt.Scale(domain=list(frame["label"]), range=colours), legend=None)
    )
    figures = base.mark_text(fontSize=12, color="#37474f", dy=alt.expr("datum.value < 0 ? 10 : -10")).encode(
        text="text:N"
    )
    return alt.layer(bars, figures, height=260)


def _in_two_lines(label: str) -> str:
    """A label with a bar where it is to be broken: between its words and its figures, else at its last blank."""
    found = re.search(r"(?<=[^\W\d]) (?=[\d<>])", label)
    if found:
        return f"{label[: found.start()]}|{label[found.end() :]}"
    return "|".join(label.rsplit(" ", 1))


def _whole(value: Decimal, currency: str, language: Language) -> str:
    """An amount without its cents, as a chart says it."""
    mark = formats.SIGNS.get(currency, currency)
    digits = f"{abs(value):,.0f}"
    sign = "-" if value < 0 else ""
    if language == "fr":
        return f"{sign}{digits.replace(',', formats.THIN)}{formats.BLANK}{mark}"
    return f"{sign}{mark}{digits}"


def _colour(row: Mapping[str, Any], not_due: Any, late: Any) -> str:
    if row["ageing_bucket_code"] == "unapplied":
        return CREDITS
    if row["ageing_bucket_code"] == "undated":
        return UNDATED
    return str(next(late if row["is_overdue"] else not_due))
