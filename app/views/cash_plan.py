"""The cash plan: what each bank account will hold week by week, and what is behind it."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app import cached, charts
from app.grid import GridColumn, grid
from app.session import Session
from app.views.choices import one_company
from documents import formats

Rows = Sequence[Mapping[str, Any]]


def show(session: Session) -> None:
    """Draw the page."""
    t = session.t
    as_of = cached.overview_of(session.home).run["as_of_date"]
    st.title(t("cash.title"))
    st.caption(t("cash.as_of", day=formats.day(as_of, t.language)))
    company_at, account_at, _ = st.columns([1, 2, 1], vertical_alignment="bottom")
    with company_at:
        company = one_company(session, key="cash_company")
    found = [row for row in cached.cash_weeks(session.home) if row["company_id"] == company]
    if not found:
        st.info(t("cash.nothing"))
        return
    names = {
        row["bank_account_id"]: " · ".join(
            part
            for part in (row["ledger_account"], formats.iban(row["number"]), row["currency_code"])
            if part
        )
        for row in found
    }
    with account_at:
        account = st.selectbox(
            t("column.account"), list(names), format_func=names.__getitem__, key=f"cash_account_{company}"
        )
    weeks = [row for row in found if row["bank_account_id"] == account]
    _warning(session, weeks)
    if weeks[0]["opening_balance"] is None:
        st.warning(t("cash.no_balance"), icon=":material/warning:")
    else:
        lines = [
            (t(f"cash.{name}"), [(row["week_end_date"], row[name]) for row in weeks])
            for name in ("closing_balance", "closing_p10", "closing_p90")
        ]
        st.altair_chart(
            charts.balances(lines, weeks[0]["minimum_balance"], weeks[0]["currency_code"], t.language),
            alt=t("cash.title"),
        )
        st.caption(t("cash.explained"))
    _table(session, weeks, account)
    _flows(session, account)


def _warning(session: Session, weeks: Rows) -> None:
    t = session.t
    for key, balance in (
        ("is_below_threshold", "closing_balance"),
        ("is_below_threshold_p10", "closing_p10"),
    ):
        low = next((row for row in weeks if row[key]), None)
        if low is not None:
            st.warning(
                t(
                    f"cash.{key}",
                    day=formats.day(low["week_end_date"], t.language),
                    amount=formats.amount(low[balance], low["currency_code"], t.language),
                ),
                icon=":material/warning:",
            )
            return


def _table(session: Session, weeks: Rows, account: str) -> None:
    t = session.t
    grid(
        [{**row, "low": t("cash.low") if row["is_below_threshold"] else ""} for row in weeks],
        [
            GridColumn("week_number", t("column.week"), "count", width=70),
            GridColumn("week_start_date", t("column.from"), "date"),
            GridColumn("opening_balance", t("cash.opening_balance"), "amount"),
            GridColumn("receipts_expected", t("cash.receipts_expected"), "amount"),
            GridColumn("supplier_payments", t("cash.supplier_payments"), "amount"),
            GridColumn("recurring_flows", t("cash.recurring_flows"), "amount"),
            GridColumn("closing_balance", t("cash.closing_balance"), "amount"),
            GridColumn("closing_p10", t("cash.closing_p10"), "amount"),
            GridColumn("closing_p90", t("cash.closing_p90"), "amount"),
            GridColumn("low", t("column.state")),
        ],
        key=f"cash_{account}",
        language=t.language,
        most_rows=13,
        name=t("cash.title"),
    )


def _flows(session: Session, account: str) -> None:
    t = session.t
    st.subheader(t("cash.flows"))
    rows = cached.recurring_flows(session.home, account)
    if not rows:
        st.caption(t("cash.no_flows"))
        return
    grid(
        [
            {
                **row,
                "what": t(f"flow.{row['category']}"),
                "often": t(f"rhythm.{row['rhythm']}"),
                "sure": formats.whole_percent(row["confidence"], t.language),
            }
            for row in rows
        ],
        [
            GridColumn("next_expected_date", t("column.date"), "date"),
            GridColumn("label", t("column.counterparty"), width=260),
            GridColumn("what", t("column.item_type")),
            GridColumn("often", t("cash.rhythm")),
            GridColumn("typical_amount", t("column.amount"), "amount"),
            GridColumn("sure", t("cash.confidence")),
            GridColumn("occurrence_count", t("cash.seen"), "count"),
        ],
        key=f"cash_flows_{account}",
        language=t.language,
        most_rows=10,
        name=t("cash.flows"),
    )
