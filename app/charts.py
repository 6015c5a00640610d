"""Charts. Only here do amounts become floating point: a pixel is no cent."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
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
BAND: Final = "#c5dde3"
LINES: Final = (NOT_DUE[0], LATE[2], NOT_DUE[2])


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


def trend(
    lines: Sequence[tuple[str, Sequence[tuple[date, Decimal | None]]]],
    told: Callable[[Decimal], str],
    *,
    shares_in: Language | None = None,
) -> alt.LayerChart | alt.FacetChart:
    """Lines over month-ends: each a name and its values, with a gap where there is none.

    ``shares_in`` says in which language percents are written, where the values are shares.
    """
    frame = _frame(
        [
            {"day": day.isoformat(), "series": name, "value": value, "exact": _told(told, value)}
            for name, values in lines
            for day, value in values
        ]
    )
    names = [name for name, _ in lines]
    blank = formats.BLANK if shares_in == "fr" else ""
    label = f"format(datum.value * 100, '.0f') + '{blank}%'" if shares_in else "format(datum.value, '.0f')"
    axis = alt.Axis(labelExpr=label, grid=True, domain=False, ticks=False)
    base = alt.Chart(frame).encode(
        x=_days(MONTH),
        y=alt.Y("value:Q", title=None, axis=axis, scale=alt.Scale(zero=shares_in is not None, nice=True)),
        color=alt.Color(
            "series:N",
            scale=alt.Scale(domain=names, range=list(LINES[: len(names)])),
            legend=_legend() if len(names) > 1 else None,
        ),
        tooltip=_tooltip("series:N", "day:N", "exact:N"),
    )
    return alt.layer(base.mark_line(strokeWidth=2.5), base.mark_point(filled=True, size=40), height=260)


def stacked(
    parts: Sequence[tuple[str, Sequence[tuple[date, Decimal]]]],
    currency: str,
    language: Language,
    colours: Sequence[str],
    *,
    by_week: bool = False,
) -> alt.LayerChart | alt.FacetChart:
    """Bars over month-ends, or over weeks, made up of parts: each a name and its amounts."""
    frame = _frame(
        [
            {
                "day": day.isoformat(),
                "series": name,
                "place": place,
                "value": value,
                "exact": formats.amount(value, currency, language),
            }
            for place, (name, values) in enumerate(parts)
            for day, value in values
        ]
    )
    bars = alt.Chart(frame).encode(
        x=_days(week(language) if by_week else MONTH, is_band=True),
        y=alt.Y("value:Q", title=None, axis=_amounts(currency, language)),
        color=alt.Color(
            "series:N",
            scale=alt.Scale(domain=[name for name, _ in parts], range=list(colours)),
            legend=_legend() if len(parts) > 1 else None,
        ),
        order="place:Q",
        tooltip=_tooltip("series:N", "day:N", "exact:N"),
    )
    return alt.layer(bars.mark_bar(), height=260)


def band(
    weeks: Sequence[Mapping[str, Any]], currency: str, language: Language, names: Mapping[str, str]
) -> alt.LayerChart | alt.FacetChart:
    """A band from p10 to p90 with its middle, and what came: rows of week_start_date, p10, p50, p90 and actual.

    ``actual`` is None for weeks to come. ``names`` says what band, p50 and actual are called.
    """
    frame = _frame(
        [
            {
                "day": row["week_start_date"].isoformat(),
                **{key: row[key] for key in ("p10", "p50", "p90", "actual")},
                **{f"{key}_name": name for key, name in names.items()},
                **{f"{key}_told": formats.amount(row[key], currency, language) for key in ("p50", "actual")},
                "band_told": " – ".join(
                    formats.amount(row[key], currency, language) for key in ("p10", "p90")
                ),
            }
            for row in weeks
        ]
    )
    scale = alt.Scale(
        domain=[names["band"], names["p50"], names["actual"]], range=[BAND, NOT_DUE[0], LATE[2]]
    )
    axis = _amounts(currency, language)
    base = alt.Chart(frame).encode(
        x=_days(week(language)),
        tooltip=[
            alt.Tooltip("day:N", title=" "),
            alt.Tooltip("band_told:N", title=names["band"]),
            alt.Tooltip("p50_told:N", title=names["p50"]),
            alt.Tooltip("actual_told:N", title=names["actual"]),
        ],
    )

    def named(key: str) -> alt.Color:
        return alt.Color(f"{key}_name:N", scale=scale, legend=_legend())

    between = base.mark_area(opacity=0.55).encode(
        y=alt.Y("p10:Q", title=None, axis=axis), y2="p90:Q", color=named("band")
    )
    middle = base.mark_line(strokeWidth=2).encode(y="p50:Q", color=named("p50"))
    came = base.mark_point(filled=True, size=55, opacity=1).encode(y="actual:Q", color=named("actual"))
    layers = [between, middle, came]
    to_come = next((row["week_start_date"] for row in weeks if row["actual"] is None), None)
    if to_come is not None and weeks[0]["actual"] is not None:
        border = alt.Chart(_frame([{"day": to_come.isoformat()}]))
        layers.append(border.mark_rule(strokeDash=[4, 4], color="#78909c").encode(x=_days(week(language))))
    return alt.layer(*layers, height=340)


def balances(
    lines: Sequence[tuple[str, Sequence[tuple[date, Decimal]]]],
    least: Decimal,
    currency: str,
    language: Language,
) -> alt.LayerChart | alt.FacetChart:
    """Balances over weeks: each a name and its amounts, and a line at the least there must be."""
    frame = _frame(
        [
            {
                "day": day.isoformat(),
                "series": name,
                "value": value,
                "exact": formats.amount(value, currency, language),
            }
            for name, values in lines
            for day, value in values
        ]
    )
    names = [name for name, _ in lines]
    base = alt.Chart(frame).encode(
        x=_days(week(language)),
        y=alt.Y("value:Q", title=None, axis=_amounts(currency, language)),
        color=alt.Color(
            "series:N",
            scale=alt.Scale(domain=names, range=list(LINES[: len(names)])),
            legend=_legend(),
        ),
        tooltip=_tooltip("series:N", "day:N", "exact:N"),
    )
    must = alt.Chart(_frame([{"value": least}])).mark_rule(color=LATE[3], strokeDash=[4, 4])
    return alt.layer(
        must.encode(y="value:Q"),
        base.mark_line(strokeWidth=2.5),
        base.mark_point(filled=True, size=40),
        height=300,
    )


MONTH: Final = "substring(datum.label, 5, 7) + '/' + substring(datum.label, 2, 4)"
"""How an axis writes the month of an ISO date; days are texts, so that no browser's time zone moves them."""


def week(language: Language) -> str:
    """How an axis writes the day of an ISO date."""
    if language == "fr":
        return "substring(datum.label, 8, 10) + '/' + substring(datum.label, 5, 7)"
    months = ", ".join(f"'{month}'" for month in formats.MONTHS)
    return f"toNumber(substring(datum.label, 8, 10)) + ' ' + [{months}][toNumber(substring(datum.label, 5, 7)) - 1]"


def _days(label: str, *, is_band: bool = False) -> alt.X:
    axis = alt.Axis(labelExpr=label, labelAngle=0, labelOverlap="greedy", grid=False, ticks=False)
    scale = alt.Scale(paddingInner=0.25) if is_band else alt.Scale(padding=0.5)
    return alt.X("day:O", title=None, sort="ascending", axis=axis, scale=scale)


def _amounts(currency: str, language: Language) -> alt.Axis:
    mark = formats.SIGNS.get(currency, currency)
    digits = "format(datum.value, ',.0f')"
    if language == "fr":
        told = f"replace({digits}, /,/g, '{formats.THIN}') + '{formats.BLANK}{mark}'"
    else:
        told = f"replace('{mark}' + {digits}, /^(.*)[-\u2212]/, '-$1')"
    return alt.Axis(labelExpr=told, grid=True, domain=False, ticks=False)


def _legend() -> alt.Legend:
    return alt.Legend(title=None, orient="top", direction="horizontal", labelLimit=320)


def _tooltip(*fields: str) -> list[alt.Tooltip]:
    return [alt.Tooltip(field, title=" ") for field in fields]


def _told(told: Callable[[Decimal], str], value: Decimal | None) -> str:
    return "" if value is None else told(value)


def _frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows for a chart, whose amounts are floating point from here on."""
    return pd.DataFrame(
        [
            {key: float(value) if isinstance(value, Decimal) else value for key, value in row.items()}
            for row in rows
        ]
    )
