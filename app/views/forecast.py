"""What customers will pay, week by week, as a band, beside what came of the forecasts so far."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import streamlit as st

from app import cached, charts
from app.figures.forecast import FIRST_WEEKS
from app.grid import GridColumn, grid
from app.session import Session
from app.views.choices import one_company
from documents import formats
from documents.texts import Texts

Rows = Sequence[Mapping[str, Any]]

SHOWN_WEEKS: Final = 26
"""Past weeks beside the thirteen that come."""


def show(session: Session) -> None:
    """Draw the page."""
    t = session.t
    as_of = cached.overview_of(session.home).run["as_of_date"]
    st.title(t("forecast.title"))
    st.caption(t("forecast.as_of", day=formats.day(as_of, t.language)))
    company_at, group_at, _ = st.columns([1, 1, 2], vertical_alignment="bottom")
    with company_at:
        company = one_company(session, key="forecast_company")
    groups = cached.forecast_groups(session.home, company)
    if not groups:
        st.info(t("forecast.nothing"))
        return
    with group_at:
        group = st.selectbox(
            t("column.segment"),
            groups,
            format_func=lambda one: t.code("customer_group", one),
            key=f"forecast_group_{company}",
        )
    weeks = cached.weeks_ahead(session.home, company, group)
    past = cached.past_weeks(session.home, company, group)
    _sums(session, weeks, company, group)
    ahead = [row for row in weeks if row["p50"] is not None]
    shown = [*past[-SHOWN_WEEKS:], *({**row, "actual": None} for row in ahead)]
    names = {name: t(f"forecast.{name}") for name in ("band", "p50", "actual")}
    st.subheader(t("forecast.weeks"))
    st.altair_chart(charts.band(shown, weeks[0]["currency_code"], t.language, names), alt=t("forecast.weeks"))
    st.caption(t("forecast.explained"))
    _table(session, weeks, f"{company}_{group}")


def _sums(session: Session, weeks: Rows, company: str, group: str) -> None:
    t, currency = session.t, weeks[0]["currency_code"]
    found = cached.forecast_record(session.home, company, group)
    thirteen = sum((row["expected"] for row in weeks if row["week_end_date"]), Decimal("0.00"))
    later = sum((row["expected"] for row in weeks if not row["week_end_date"]), Decimal("0.00"))
    month = sum((row["expected"] for row in weeks if row["week_number"] <= FIRST_WEEKS), Decimal("0.00"))
    shown = (
        ("month", formats.amount(month, currency, t.language), None),
        ("thirteen", formats.amount(thirteen, currency, t.language), None),
        ("later", formats.amount(later, currency, t.language), None),
        ("error", _share(t, found.error), t("forecast.simple", share=_share(t, found.simple_error))),
        ("held", _share(t, found.held), t("forecast.of_weeks", count=t.number(found.weeks))),
    )
    for column, (name, value, note) in zip(st.columns(len(shown)), shown, strict=True):
        with column:
            st.metric(
                t(f"forecast.{name}"),
                value,
                border=True,
                help=t(f"forecast.{name}_help"),
                delta=note,
                delta_color="off",
                delta_arrow="off",
            )


def _share(t: Texts, value: Decimal | None) -> str:
    return "–" if value is None else formats.share(value, 1, t.language)


def _table(session: Session, weeks: Rows, key: str) -> None:
    t = session.t
    told, total = [], Decimal("0.00")
    for row in weeks:
        total += row["expected"]
        is_week = row["week_end_date"] is not None
        told.append(
            {
                **row,
                "week": str(row["week_number"]) if is_week else t("forecast.later"),
                "from": row["week_start_date"],
                "total": total,
            }
        )
    grid(
        told,
        [
            GridColumn("week", t("column.week"), width=150),
            GridColumn("from", t("column.from"), "date"),
            GridColumn("week_end_date", t("column.until"), "date"),
            GridColumn("expected", t("column.expected"), "amount"),
            GridColumn("p10", "P10", "amount"),
            GridColumn("p50", "P50", "amount"),
            GridColumn("p90", "P90", "amount"),
            GridColumn("total", t("column.cumulative"), "amount"),
        ],
        key=f"forecast_weeks_{key}",
        language=t.language,
        most_rows=14,
        name=t("forecast.weeks"),
    )
