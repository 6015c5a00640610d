"""Several exceptions at once: equal cases are one judgement."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import streamlit as st

from app import markup
from app.board import Board
from app.deciding import Wishes, ask
from app.figures.cases import Case, Proposal
from app.session import Session
from app.views.case_page import SNOOZE_DAYS
from documents import formats

SHOWN = 12
"""Cases that are listed; the sums are of all."""


def show(session: Session, shown: Board, chosen: Sequence[Case]) -> None:
    """Draw what can be decided about all of them."""
    t = session.t
    st.subheader(t.counted("bulk.title", len(chosen)))
    _sums(session, chosen)
    best = [(case, case.best) for case in chosen if case.best is not None and shown.is_live(case, case.best)]
    compatible = without_rivals(best)
    if session.may_decide:
        wishes = Wishes(shown)
        me, until = session.actor.name, session.today() + timedelta(days=SNOOZE_DAYS)
        with st.container(horizontal=True, key="bulk_actions"):
            if best:
                st.button(
                    t("bulk.accept", count=t.number(len(compatible))),
                    key="bulk_accept",
                    type="primary",
                    icon=":material/done_all:",
                    shortcut="A",
                    on_click=ask,
                    args=(wishes.asked(*(wishes.accept(case, proposal) for case, proposal in compatible)),),
                )
                st.button(
                    t("bulk.reject", count=t.number(len(best))),
                    key="bulk_reject",
                    icon=":material/close:",
                    shortcut="X",
                    on_click=ask,
                    args=(wishes.asked(*(wishes.reject(case, proposal) for case, proposal in best)),),
                )
            st.button(
                t("action.take"),
                key="bulk_take",
                icon=":material/person_add:",
                shortcut="T",
                on_click=ask,
                args=(wishes.asked(*(wishes.assign(case, me) for case in chosen)),),
            )
            st.button(
                t("action.snooze"),
                key="bulk_snooze",
                icon=":material/snooze:",
                shortcut="S",
                on_click=ask,
                args=(wishes.asked(*(wishes.snooze(case, until) for case in chosen)),),
            )
        with st.form("bulk_comment_form", border=False, clear_on_submit=True):
            text = st.text_input(t("case.comment"), key="bulk_comment")
            if st.form_submit_button(t("action.comment"), icon=":material/comment:") and text.strip():
                ask(wishes.asked(*(wishes.comment(case, text.strip()) for case in chosen)))
                st.rerun()
        if best:
            st.caption(t("bulk.hint"))
    _list(session, chosen)


def without_rivals(best: Sequence[tuple[Case, Proposal]]) -> list[tuple[Case, Proposal]]:
    """Those that can all be accepted: of several that need the same line, the first."""
    taken: set[str] = set()
    found = []
    for case, proposal in best:
        lines = {*proposal.payments, *proposal.documents}
        if taken.isdisjoint(lines):
            found.append((case, proposal))
            taken |= lines
    return found


def _sums(session: Session, chosen: Sequence[Case]) -> None:
    t = session.t
    sums: dict[str, Decimal] = defaultdict(lambda: Decimal("0.00"))
    for case in chosen:
        if case.amount is not None:
            sums[case.currency_code or ""] += case.amount
    amounts = " + ".join(
        formats.amount(value, currency, t.language) for currency, value in sorted(sums.items())
    )
    reasons = sorted({getattr(case, f"reason_{t.language}") for case in chosen})
    st.html(markup.facts([(t("column.amount"), amounts), (t("column.reason"), ", ".join(reasons))]))


def _list(session: Session, chosen: Sequence[Case]) -> None:
    t = session.t
    rows = []
    for case in chosen[:SHOWN]:
        best = case.best
        proposal = (
            "" if best is None else t("case.right", share=formats.whole_percent(best.score, t.language))
        )
        rows.append(
            markup.Row(
                (
                    case.party or case.text or case.account or "",
                    getattr(case, f"reason_{t.language}"),
                    proposal,
                    formats.amount(case.amount, case.currency_code, t.language),
                )
            )
        )
    st.html(
        markup.table(
            [
                (t("column.what"), "left"),
                (t("column.reason"), "left"),
                (t("column.proposal"), "left"),
                (t("column.amount"), "right"),
            ],
            rows,
        )
    )
    if len(chosen) > SHOWN:
        st.caption(t("bulk.more", count=t.number(len(chosen) - SHOWN)))
