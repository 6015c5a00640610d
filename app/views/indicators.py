"""The indicators of receivables, month-end by month-end: for the meeting, and to print."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import streamlit as st

from app import cached, charts
from app.exports import Field, Sheet, as_csv, as_xlsx
from app.grid import GridColumn, grid
from app.session import Session
from app.views.aged_balance import XLSX
from app.views.choices import one_company, one_or_all
from documents import formats

Rows = Sequence[Mapping[str, Any]]

DAYS: Final = ("dso_days", "dso_count_back_days", "best_possible_dso_days")
PARTS: Final = ("current_amount", "undated_amount", "overdue_amount")
COLOURS: Final = (charts.NOT_DUE[1], charts.UNDATED, charts.LATE[2])
LAST_MONTHS: Final = 25
HEADLINES: Final = (
    "outstanding_amount",
    "overdue_share",
    "weighted_days_to_pay",
    "collection_effectiveness_index",
    "dso_days",
    "dso_count_back_days",
    "best_possible_dso_days",
    "average_days_delinquent",
)
PER_ROW: Final = 4


def show(session: Session) -> None:
    """Draw the page."""
    t = session.t
    as_of = cached.overview_of(session.home).run["as_of_date"]
    st.title(t("indicators.title"))
    st.caption(t("indicators.as_of", day=formats.day(as_of, t.language)))
    company_at, agency_at, _ = st.columns([1, 1, 2], vertical_alignment="bottom")
    with company_at:
        company = one_company(session, key="indicators_company")
    known = [row for row in cached.indicators_of(session.home) if row["company_id"] == company]
    with agency_at:
        agency = one_or_all(
            session,
            t("column.agency"),
            (row["level_key"] for row in known if row["level"] == "agency"),
            key="indicators_agency",
        )
    found = [
        row
        for row in known
        if (row["level"], row["level_key"]) == (("agency", agency) if agency else ("company", company))
    ]
    if not found:
        st.info(t("indicators.nothing"))
        return
    _now(session, found)
    _charts(session, found[-LAST_MONTHS:])
    _table(session, found, company)


def _now(session: Session, rows: Rows) -> None:
    """The newest, beside the last month-end that is a year older."""
    t, row = session.t, rows[-1]
    today = row["as_of_date"]
    older = [
        one for one in rows if one["as_of_date"].timetuple()[:3] <= (today.year - 1, today.month, today.day)
    ]
    before = older[-1] if older else None
    for names in (HEADLINES[:PER_ROW], HEADLINES[PER_ROW:]):
        for column, name in zip(st.columns(PER_ROW), names, strict=True):
            with column:
                st.metric(
                    t(f"indicators.{name}"),
                    _told(session, name, row) or "–",
                    border=True,
                    help=t(f"indicators.{name}_help"),
                    delta=_before(session, name, before),
                    delta_color="off",
                    delta_arrow="off",
                )
    reasons = {row[name] for name in row if name.endswith("_reason")} - {None}
    if reasons:
        st.caption(" ".join(t(f"indicator_reason.{reason}") for reason in sorted(reasons)))


def _told(session: Session, name: str, row: Mapping[str, Any]) -> str:
    if name == "outstanding_amount":
        return formats.amount(row[name], row["currency_code"], session.language)
    if name == "overdue_share":
        return _share(session, row[name])
    if name == "collection_effectiveness_index":
        return _plain(session, row[name])
    return _days(session, row[name])


def _before(session: Session, name: str, before: Mapping[str, Any] | None) -> str | None:
    if before is None or before[name] is None:
        return None
    month = f"{before['as_of_date']:%m/%Y}"
    return session.t("indicators.before", value=_told(session, name, before), month=month)


def _charts(session: Session, rows: Rows) -> None:
    t = session.t
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(t("indicators.dso"))
        st.altair_chart(
            charts.trend(
                [
                    (t(f"indicators.{name}"), [(row["as_of_date"], row[name]) for row in rows])
                    for name in DAYS
                ],
                lambda value: _days(session, value),
            ),
            alt=t("indicators.dso"),
        )
    with right:
        st.subheader(t("indicators.overdue_share"))
        st.altair_chart(
            charts.trend(
                [
                    (
                        t("indicators.overdue_share"),
                        [(row["as_of_date"], row["overdue_share"]) for row in rows],
                    )
                ],
                lambda value: _share(session, value),
                shares_in=t.language,
            ),
            alt=t("indicators.overdue_share"),
        )
    st.subheader(t("indicators.owed"))
    # What nobody dates is rare: a colour for it only where there is some.
    parts = [
        (name, colour)
        for name, colour in zip(PARTS, COLOURS, strict=True)
        if name != "undated_amount" or any(row[name] for row in rows)
    ]
    st.altair_chart(
        charts.stacked(
            [
                (t(f"indicators.{name}"), [(row["as_of_date"], row[name]) for row in rows])
                for name, _ in parts
            ],
            rows[0]["currency_code"],
            t.language,
            [colour for _, colour in parts],
        ),
        alt=t("indicators.owed"),
    )


def _table(session: Session, rows: Rows, company: str) -> None:
    t = session.t
    newest_first = [{**row, "share": _share(session, row["overdue_share"])} for row in reversed(rows)]
    days = (*DAYS, "average_days_delinquent", "collection_effectiveness_index", "weighted_days_to_pay")
    columns = [
        GridColumn("as_of_date", t("column.date"), "date"),
        GridColumn("outstanding_amount", t("indicators.outstanding_amount"), "amount"),
        GridColumn("overdue_amount", t("column.overdue"), "amount"),
        GridColumn("share", t("indicators.overdue_share"), width=90),
        *(GridColumn(name, t(f"indicators.{name}"), "amount") for name in days),
    ]
    grid(
        newest_first,
        columns,
        key=f"indicators_{rows[-1]['level']}_{rows[-1]['level_key']}",
        language=t.language,
        most_rows=14,
        name=t("indicators.title"),
    )
    fields = [
        Field(column.key, column.heading, column.kind)
        if column.key != "share"
        else Field("overdue_share", column.heading, "amount")
        for column in columns
    ]
    sheet = Sheet(t("indicators.sheet"), fields, rows)
    name = f"{t('indicators.file')}-{company}-{rows[-1]['as_of_date'].isoformat()}"
    with st.container(horizontal=True):
        st.download_button(
            t("export.xlsx"),
            lambda: as_xlsx([sheet]),
            file_name=f"{name}.xlsx",
            mime=XLSX,
            icon=":material/table_view:",
            on_click="ignore",
            key="indicators_xlsx",
        )
        st.download_button(
            t("export.csv"),
            lambda: as_csv(sheet),
            file_name=f"{name}.csv",
            mime="text/csv",
            icon=":material/csv:",
            on_click="ignore",
            key="indicators_csv",
        )


def _share(session: Session, value: Decimal | None) -> str:
    return "" if value is None else formats.share(value, 1, session.language)


def _days(session: Session, value: Decimal | None) -> str:
    return "" if value is None else session.t("unit.days", count=formats.tenth(value, session.language))


def _plain(session: Session, value: Decimal | None) -> str:
    return "" if value is None else formats.tenth(value, session.language)
