"""The work list: whom to look at today and why; what was said is recorded beside it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import streamlit as st

from app import cached, markup
from app.deciding import applied_to, board_of, decisions_of
from app.figures.worklist import ACTIONS, PLACES, noted_since, place_of
from app.grid import GridColumn, choose_rows, grid
from app.session import Session
from app.views import follow_up
from app.views.choices import company_choice, one_or_all
from app.views.exceptions import show_outcome
from decisions.decision import Decision
from documents import formats

Rows = Sequence[Mapping[str, Any]]

LIST: Final = "worklist"
SHOWN_IDS: Final = "worklist_ids"
CHOSEN: Final = "worklist_customer"


def show(session: Session) -> None:
    """Draw the page."""
    t = session.t
    as_of = cached.overview_of(session.home).run["as_of_date"]
    st.title(t("worklist.title"))
    st.caption(t("worklist.as_of", day=formats.day(as_of, t.language)))
    show_outcome(session, board_of(session))
    made = decisions_of(session)
    noted = noted_since(made, applied_to(session.home, made), cached.dispute_parties(session.home))
    found = _filtered(session, cached.worklist_of(session.home), noted)
    _sums(session, found)
    if not found:
        st.info(t("worklist.nothing"))
        st.session_state[SHOWN_IDS] = []
        return
    left, right = st.columns([8, 5], gap="medium")
    with left:
        row = _listed(session, found, noted)
    with right:
        _chosen(session, row, noted.get(row["third_party_id"]))


def _filtered(session: Session, rows: Rows, noted: Mapping[str, Decision]) -> Rows:
    t = session.t
    company_at, agency_at, sales_rep_at, action_at = st.columns(4, vertical_alignment="bottom")
    with company_at:
        company = company_choice(session, key="worklist_company")
    with agency_at:
        agency = one_or_all(
            session, t("column.agency"), (row["agency"] for row in rows), key="worklist_agency"
        )
    with sales_rep_at:
        sales_rep = one_or_all(
            session, t("column.sales_rep"), (row["sales_rep"] for row in rows), key="worklist_sales_rep"
        )
    with action_at:
        actions = st.multiselect(
            t("column.to_do"),
            [action for action in ACTIONS if any(row["next_action"] == action for row in rows)],
            format_func=lambda action: t(f"next_action.{action}"),
            placeholder=t("choice.all"),
            key="worklist_action",
        )
    those = [
        row
        for row in rows
        if company in (None, row["company_id"])
        and agency in (None, row["agency"])
        and sales_rep in (None, row["sales_rep"])
        and (not actions or row["next_action"] in actions)
    ]
    places = [place_of(row, noted) for row in those]
    wanted = st.segmented_control(
        t("worklist.place"),
        PLACES,
        default="due",
        required=True,
        format_func=lambda place: f"{t(f'worklist.{place}')} · {t.number(places.count(place))}",
        key="worklist_place",
        label_visibility="collapsed",
    )
    return [row for row, place in zip(those, places, strict=True) if place == wanted]


def _sums(session: Session, rows: Rows) -> None:
    t = session.t
    for currency in sorted({row["currency_code"] for row in rows}):
        of_currency = [row for row in rows if row["currency_code"] == currency]
        names = ("overdue_amount", "outstanding_amount", "expected_amount", "promised_amount")
        for column, name in zip(st.columns(len(names)), names, strict=True):
            total = sum((row[name] for row in of_currency), Decimal("0.00"))
            with column:
                st.metric(
                    t(f"worklist.{name}"),
                    formats.amount(total, currency, t.language),
                    border=True,
                    help=t(f"worklist.{name}_help"),
                )


def _listed(session: Session, found: Rows, noted: Mapping[str, Decision]) -> Mapping[str, Any]:
    """Show the customers; return the one that is chosen."""
    t = session.t
    ids = [row["third_party_id"] for row in found]
    current = _current(ids)
    if st.session_state.get(SHOWN_IDS) != ids or not _chosen_rows():
        # Rows have moved: what is chosen is a customer, not a place.
        choose_rows(LIST, [ids.index(current)])
        st.session_state[SHOWN_IDS] = ids
    chosen = grid(
        [
            {
                **row,
                "to_do": t(f"next_action.{row['next_action']}"),
                "last": follow_up.last_action_told(session, row, noted.get(row["third_party_id"])),
            }
            for row in found
        ],
        [
            GridColumn("name", t("column.third_party"), width=185),
            GridColumn("to_do", t("column.to_do"), width=140),
            GridColumn("overdue_amount", t("column.overdue"), "amount", width=88),
            GridColumn("oldest_days_past_due", t("column.days_late"), "count", width=74),
            GridColumn("expected_amount", t("column.expected"), "amount", width=88),
            GridColumn("last", t("column.last_action"), width=190),
            GridColumn("next_action_date", t("column.from"), "date", width=88),
            GridColumn("outstanding_amount", t("worklist.outstanding_amount"), "amount", width=100),
            GridColumn("agency", t("column.agency"), width=80),
            GridColumn("sales_rep", t("column.sales_rep"), width=90),
        ],
        key=LIST,
        language=t.language,
        choose="single-row",
        most_rows=18,
        name=t("worklist.title"),
    )
    row = found[chosen[0] if chosen else ids.index(current)]
    st.session_state[CHOSEN] = row["third_party_id"]
    return row


def _chosen_rows() -> list[int]:
    state = st.session_state.get(LIST)
    return list(state["selection"]["rows"]) if state else []


def _current(ids: Sequence[str]) -> str:
    """The customer that is looked at: the one that was, or the one that has taken its place."""
    before: Sequence[str] = st.session_state.get(SHOWN_IDS) or ids
    current = st.session_state.get(CHOSEN)
    if current in ids:
        return str(current)
    place = before.index(current) if current in before else 0
    return ids[min(place, len(ids) - 1)]


def _chosen(session: Session, row: Mapping[str, Any], noted: Decision | None) -> None:
    t, currency = session.t, row["currency_code"]

    def money(value: Decimal | None) -> str:
        return formats.amount(value, currency, t.language) if value else ""

    st.subheader(markup.for_markdown(row["name"] or row["third_party_code"]))
    st.html(
        markup.badge(row[f"next_action_{t.language}"], "high" if row["is_due"] else "low")
        + (
            markup.badge(t(f"advice.{row['advice']}"), "medium")
            if row["advice"] not in (None, "none")
            else ""
        )
        + markup.quiet(
            t(
                "worklist.score",
                score=row["priority_score"],
                amount=row["amount_score"],
                age=row["age_score"],
                risk=row["risk_score"],
            )
        )
    )
    st.html(
        markup.facts(
            [
                (t("column.overdue"), money(row["overdue_amount"])),
                (t("worklist.outstanding_amount"), money(row["outstanding_amount"])),
                (t("worklist.expected_amount"), money(row["expected_amount"])),
                (t("worklist.reminder_amount"), money(row["reminder_amount"])),
                (t("worklist.broken_promise_amount"), money(row["broken_promise_amount"])),
                (t("worklist.returned_amount"), money(row["returned_amount"])),
                (t("worklist.disputed_amount"), money(row["disputed_amount"])),
                (t("worklist.promised_amount"), _promised(session, row)),
                (t("worklist.credit_amount"), money(row["credit_amount"])),
                (t("worklist.headroom_amount"), money(row["headroom_amount"])),
                (t("column.last_action"), follow_up.last_action_told(session, row, noted)),
                (t("worklist.comment"), row["comment"] or ""),
            ]
        )
    )
    st.page_link(
        st.session_state["pages"]["customer"],
        label=t("aged.open_customer"),
        icon=":material/person:",
        query_params={"third_party": row["third_party_id"]},
    )
    follow_up.forms(session, row["third_party_id"], row["company_id"], as_of=row["as_of_date"])
    follow_up.history(session, row["third_party_id"])


def _promised(session: Session, row: Mapping[str, Any]) -> str:
    if not row["promised_amount"]:
        return ""
    return session.t(
        "worklist.promised_until",
        amount=formats.amount(row["promised_amount"], row["currency_code"], session.language),
        day=formats.day(row["promised_date"], session.language),
    )
