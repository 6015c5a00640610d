"""The journal of decisions: who decided what, when and why, and whether the chain is whole."""

import streamlit as st

from app import cached
from app.deciding import Wishes, applied_to, ask, board_of, decisions_of, may_undo, told
from app.grid import GridColumn, grid
from app.markup import for_markdown
from app.roles import Role
from app.session import Session
from app.views.exceptions import show_outcome
from decisions.chain import Verified
from decisions.decision import Decision, in_force
from decisions.pending import NOTED
from orchestration.decided import applied_heads


def show(session: Session) -> None:
    """Draw the page."""
    t = session.t
    shown = board_of(session)
    st.title(t("journal.title"))
    st.caption(t("journal.intro"))
    show_outcome(session, shown)
    made = list(reversed(decisions_of(session)))
    if not made:
        st.info(t("journal.empty"))
        return
    applied = applied_to(session.home, made)
    standing = {one.sequence for one in in_force(made)}
    names = {party.third_party_id: party.name for party in cached.known_third_parties(session.home)}
    rows = []
    for one in made:
        case = shown.cases.get(one.exception_id or "")
        rows.append(
            {
                "sequence": one.sequence,
                "when": session.moment(one.decided_at),
                "who": one.reviewer,
                "what": t(f"decision.{one.kind}"),
                "about": (case.party or case.text or case.account or "")
                if case
                else names.get(str(one.payload.get("third_party_id")), ""),
                "amount": case.amount if case else None,
                "why": one.reason,
                "state": _state(session, one, one.sequence in standing, one.sequence <= applied),
            }
        )
    chosen = grid(
        rows,
        [
            GridColumn("sequence", "#", "count", width=50),
            GridColumn("when", t("column.when")),
            GridColumn("who", t("column.who")),
            GridColumn("what", t("column.decision")),
            GridColumn("about", t("column.what"), width=230),
            GridColumn("amount", t("column.amount"), "amount"),
            GridColumn("why", t("column.why"), width=230),
            GridColumn("state", t("column.state")),
        ],
        key="journal",
        language=t.language,
        choose="single-row",
        most_rows=15,
        name=t("journal.title"),
    )
    if chosen:
        _undo(session, made[chosen[0]], is_standing=made[chosen[0]].sequence in standing)
    if session.actor.role >= Role.ADMIN:
        _verify(session)


def _state(session: Session, one: Decision, is_standing: bool, is_applied: bool) -> str:
    t = session.t
    if one.kind == "undo":
        return ""
    if not is_standing:
        return t("journal.taken_back")
    if one.kind in NOTED:
        return t("journal.holds")
    return t("journal.applied") if is_applied else t("journal.pending")


def _undo(session: Session, one: Decision, *, is_standing: bool) -> None:
    t = session.t
    st.write(for_markdown(told(session, one)))
    if is_standing and may_undo(session, one):
        wishes = Wishes(board_of(session))
        st.button(
            t("action.undo_this"),
            key="journal_undo",
            icon=":material/undo:",
            shortcut="U",
            on_click=ask,
            args=(wishes.asked(wishes.undo(one)),),
        )


def _verify(session: Session) -> None:
    t = session.t
    if not st.button(t("journal.verify"), icon=":material/verified:", key="verify"):
        return
    found = session.store.verify(applied_heads(session.home))
    if isinstance(found, Verified):
        st.success(t("journal.whole", count=t.number(found.count), head=found.head[:12] or "–"))
    else:
        st.error(t("journal.broken", sequence=found.sequence, why=for_markdown(found.why)))
