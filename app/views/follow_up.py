"""What was said with a customer: recorded as decisions, and told again."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import streamlit as st

from app import cached, markup
from app.deciding import Asked, Wishes, ask, board_of, decisions_of, may_undo, told
from app.grid import GridColumn, grid
from app.session import Session
from app.writes import Wish, contact, dispute, promise, settled_dispute
from decisions.decision import CHANNELS, Decision, in_force
from documents import formats

PROMISE_DAYS: Final = 7
LAST_NOTED: Final = 5

AMOUNT: Final = re.compile(
    r"(?P<whole>0|[1-9]\d{0,15}|[1-9]\d{0,2}(?P<group>[.,])\d{3}(?:(?P=group)\d{3}){0,4})"
    r"(?:(?P<mark>[.,])(?P<decimals>\d{1,2}))?"
)
"""Figures, alone or in threes with one mark, and at most two decimals after the other."""


def last_action_told(session: Session, row: Mapping[str, Any], noted: Decision | None) -> str:
    """What was done last with a customer of the work list: what was noted since, else what the marts know."""
    t = session.t
    if noted is not None:
        day = formats.day(noted.decided_at.date(), t.language)
        return " · ".join(part for part in (day, t(f"decision.{noted.kind}"), noted.reason) if part)
    if row["last_action"] is None:
        return ""
    day = formats.day(row["last_action_date"], t.language)
    # Of a reminder the remark is its level alone.
    remark = "" if row["last_action"] == "reminder" else row["last_action_remark"]
    return " · ".join(part for part in (day, t(f"last_action.{row['last_action']}"), remark) if part)


def forms(session: Session, third_party_id: str, company_id: str, *, as_of: date) -> None:
    """What can be recorded about a customer; readers are shown none, what counts is ``app.writes``."""
    if not session.may_decide:
        return
    t = session.t
    called, promised, disputed, settled = st.tabs(
        [t(f"follow.{name}") for name in ("called", "promised", "disputed", "settled")]
    )
    documents = [
        row["document_ref"]
        for row in cached.documents(session.home, [third_party_id])
        if row["document_ref"] and row["open_amount"] > 0
    ]
    documents = list(dict.fromkeys(documents))
    with called:
        _called(session, third_party_id)
    with promised:
        _promised(session, third_party_id, documents, max(as_of, session.today()))
    with disputed:
        _disputed(session, third_party_id, documents)
    with settled:
        _settled(session, third_party_id, company_id)


def _called(session: Session, third_party_id: str) -> None:
    t = session.t
    with st.form(f"called_{third_party_id}", border=False, clear_on_submit=True):
        channel = st.segmented_control(
            t("follow.channel"),
            CHANNELS,
            default="phone",
            required=True,
            format_func=lambda code: t(f"channel.{code}"),
            label_visibility="collapsed",
        )
        remark = st.text_area(t("follow.remark"), height=80)
        if st.form_submit_button(t("follow.note_call"), icon=":material/call:"):
            _ask(session, contact(third_party_id, channel, remark.strip()))


def _promised(session: Session, third_party_id: str, documents: Sequence[str], today: date) -> None:
    t = session.t
    with st.form(f"promised_{third_party_id}", border=False):
        day = st.date_input(
            t("follow.promised_date"),
            value=today + timedelta(PROMISE_DAYS),
            min_value=today,
            format="DD/MM/YYYY" if t.language == "fr" else "YYYY-MM-DD",
        )
        document = st.selectbox(
            t("column.document"), ["", *documents], format_func=lambda one: one or t("follow.all_documents")
        )
        written = st.text_input(t("follow.amount"), placeholder=t("follow.all_of_it"))
        remark = st.text_input(t("follow.remark"))
        if st.form_submit_button(t("follow.note_promise"), icon=":material/handshake:"):
            amount, is_amount = amount_of(written)
            if is_amount:
                _ask(
                    session,
                    promise(
                        third_party_id,
                        day,
                        amount=amount,
                        document_ref=document or None,
                        remark=remark.strip(),
                    ),
                )
            else:
                st.error(t("follow.no_amount", text=markup.for_markdown(written)))


def _disputed(session: Session, third_party_id: str, documents: Sequence[str]) -> None:
    t = session.t
    if not documents:
        st.caption(t("follow.nothing_to_dispute"))
        return
    with st.form(f"disputed_{third_party_id}", border=False):
        document = st.selectbox(t("column.document"), documents)
        written = st.text_input(t("follow.amount"), placeholder=t("follow.all_of_it"))
        reason = st.text_input(t("follow.reason"))
        if st.form_submit_button(t("follow.note_dispute"), icon=":material/gavel:"):
            amount, is_amount = amount_of(written)
            if not is_amount:
                st.error(t("follow.no_amount", text=markup.for_markdown(written)))
            elif not reason.strip():
                st.error(t("follow.no_reason"))
            else:
                _ask(session, dispute(third_party_id, document, reason.strip(), amount=amount))


def _settled(session: Session, third_party_id: str, company_id: str) -> None:
    t = session.t
    standing = {
        row["dispute_id"]: row
        for row in cached.agreed(session.home, third_party_id).disputes
        if row["status"] == "open"
    }
    if not standing:
        st.caption(t("follow.no_dispute"))
        return
    with st.form(f"settled_{third_party_id}", border=False):
        dispute_id = st.selectbox(
            t("follow.dispute"),
            list(standing),
            format_func=lambda one: " · ".join(
                (
                    standing[one]["document_ref"] or "",
                    formats.day(standing[one]["opened_on"], t.language),
                    standing[one]["reason"] or "",
                )
            ),
        )
        remark = st.text_input(t("follow.remark"))
        if st.form_submit_button(t("follow.note_settled"), icon=":material/check:"):
            _ask(session, settled_dispute(company_id, dispute_id, remark.strip()))


def _ask(session: Session, wish: Wish) -> None:
    ask(Asked((wish,), board_of(session).newest, None))
    st.rerun()


def amount_of(written: str) -> tuple[Decimal | None, bool]:
    """An amount as people write it, with decimal comma or point, None for nothing, and whether that may be."""
    if not written.strip():
        return None, True
    found = AMOUNT.fullmatch(re.sub(r"[\s\u00a0\u202f€$£]", "", written))
    if not found or found["group"] == found["mark"] is not None:
        return None, False
    return Decimal(f"{re.sub('[.,]', '', found['whole'])}.{found['decimals'] or '00'}"), True


def history(session: Session, third_party_id: str) -> None:
    """What was recorded in the store about a customer, the newest first, each to be taken back."""
    t = session.t
    disputes = {row["dispute_id"] for row in cached.agreed(session.home, third_party_id).disputes}
    made = decisions_of(session)
    standing = {one.sequence for one in in_force(made)}
    about = [
        one
        for one in reversed(made)
        if one.payload.get("third_party_id") == third_party_id or one.payload.get("dispute_id") in disputes
    ]
    if not about:
        return
    with st.expander(t.counted("follow.history", len(about)), icon=":material/history:"):
        wishes = Wishes(board_of(session))
        for one in about[:LAST_NOTED]:
            is_standing = one.sequence in standing
            text = told(session, one)
            with st.container(horizontal=True, vertical_alignment="center"):
                st.html(
                    markup.paragraph(text if is_standing else f"{text} ({t('journal.taken_back')})", "quiet")
                )
                if is_standing and may_undo(session, one):
                    st.button(
                        t("action.undo"),
                        key=f"follow_undo_{one.sequence}",
                        type="tertiary",
                        icon=":material/undo:",
                        on_click=ask,
                        args=(wishes.asked(wishes.undo(one)),),
                    )


def agreed(session: Session, third_party_id: str) -> None:
    """Promises, disputes and reminders of a customer as tables."""
    t, found = session.t, cached.agreed(session.home, third_party_id)
    tables: tuple[tuple[str, Sequence[Mapping[str, Any]], list[GridColumn]], ...] = (
        (
            "promises",
            [
                {
                    **row,
                    "state": t(f"promise_status.{row['status']}"),
                    "document": row["document_ref"] or t("follow.all_documents"),
                }
                for row in found.promises
            ],
            [
                GridColumn("promised_on", t("column.promised_on"), "date"),
                GridColumn("promised_date", t("column.promised_date"), "date"),
                GridColumn("document", t("column.document")),
                GridColumn("promised_amount", t("column.amount"), "amount"),
                GridColumn("kept_amount", t("column.kept"), "amount"),
                GridColumn("amount_at_stake", t("column.at_stake"), "amount"),
                GridColumn("state", t("column.state")),
                GridColumn("days_late", t("column.days_late"), "count"),
                GridColumn("remark", t("column.remark")),
            ],
        ),
        (
            "disputes",
            [{**row, "state": t(f"dispute_status.{row['status']}")} for row in found.disputes],
            [
                GridColumn("opened_on", t("column.opened_on"), "date"),
                GridColumn("document_ref", t("column.document")),
                GridColumn("reason", t("column.reason"), width=260),
                GridColumn("disputed_amount", t("column.amount"), "amount"),
                GridColumn("amount_at_stake", t("column.at_stake"), "amount"),
                GridColumn("state", t("column.state")),
                GridColumn("age_days", t("column.age_days"), "count"),
                GridColumn("closed_on", t("column.closed_on"), "date"),
            ],
        ),
        (
            "reminders",
            [
                {**row, "state": t(f"dunning_state.{row['state']}"), "why": row[f"why_{t.language}"]}
                for row in found.reminders
            ],
            [
                GridColumn("document_ref", t("column.document")),
                GridColumn("due_date", t("column.due_date"), "date"),
                GridColumn("open_amount", t("column.open"), "amount"),
                GridColumn("state", t("column.state")),
                GridColumn("last_level", t("column.level"), "count"),
                GridColumn("last_sent_on", t("column.reminded_on"), "date"),
                GridColumn("waiting_until_date", t("column.waits_until"), "date"),
                GridColumn("why", t("column.why"), width=420),
            ],
        ),
    )
    for name, rows, columns in tables:
        st.markdown(f"**{t.counted(f'follow.{name}', len(rows))}**")
        if rows:
            grid(
                rows,
                columns,
                key=f"follow_{name}_{third_party_id}",
                language=t.language,
                name=t.counted(f"follow.{name}", len(rows)),
                most_rows=8,
            )
