"""One exception: what it is about, what may belong to it and why, and what can be decided."""

from collections.abc import Sequence
from datetime import date, timedelta

import streamlit as st

from app import cached, markup
from app.board import Board, State
from app.deciding import OUTCOME, Asked, Wishes, ask, told
from app.figures.cases import Case, Proposal
from app.figures.hand_matching import is_matchable
from app.grid import choose_rows
from app.session import Session
from app.views import hand_match
from documents import formats
from documents.texts import Texts
from orchestration.explanation import Line, Match
from orchestration.explanation_text import evidence_told

SNOOZE_DAYS = 7
SHOWN_CANDIDATES = 4


def show(session: Session, shown: Board, case: Case, around: Sequence[str]) -> None:
    """Draw the case; ``around`` are the ids of the queue that it stands in."""
    state = shown.states[case.exception_id]
    _head(session, case, state)
    actions = _Actions(session, shown, case, state, around)
    actions.decide()
    if hand_match.is_open(case):
        hand_match.show(session, shown, case, actions.next_case)
    _body(session, case, state, actions)
    actions.follow()
    _history(session, state)


def state_in_short(t: Texts, state: State) -> str:
    """Where a case stands, in a word or two."""
    if state.standing == "snoozed":
        return t("state.snoozed", day=formats.day(state.until, t.language))
    effect = state.pending.effect if state.pending else None
    if effect == "matched":
        return t("state.matched")
    if state.standing == "decided":
        return t("state.judged")
    if effect in ("candidates_gone", "looked_at_again"):
        return t(f"state.{effect}")
    return t("state.comments", count=t.number(len(state.comments))) if state.comments else ""


class _Actions:
    """The buttons of a case. Readers are shown none; what counts is ``app.writes``."""

    def __init__(
        self, session: Session, shown: Board, case: Case, state: State, around: Sequence[str]
    ) -> None:
        self._session, self._case, self._state, self._around = session, case, state, around
        self._shown = shown
        self._wishes = Wishes(shown)
        place = around.index(case.exception_id)
        self._before = around[place - 1] if place else None
        self.next_case = around[place + 1] if place + 1 < len(around) else self._before

    def decide(self) -> None:
        """Accept, reject, match by hand, go on."""
        t, case = self._session.t, self._case
        with st.container(horizontal=True, key="case_actions"):
            if self._session.may_decide:
                first = self._live()
                if first:
                    self.accept(first, "A")
                    self.reject(first, "X")
                if is_matchable(case) and self._state.standing != "decided":
                    st.button(
                        t("action.match"),
                        key="hand",
                        shortcut="M",
                        icon=":material/join:",
                        on_click=hand_match.toggle,
                        args=(case,),
                        help=t("action.match_help"),
                    )
            else:
                st.caption(t("exceptions.read_only"))
            st.space("stretch")
            self._go("previous", "K", ":material/arrow_upward:", self._before)
            self._go("next", "J", ":material/arrow_downward:", self.next_case)

    def _live(self) -> Proposal | None:
        """The proposal that the first keys are about: the only one, or the best, if nothing has been decided."""
        live = self.live_proposals()
        if len(live) == 1:
            return live[0]
        return live[0] if live and live[0].score > live[1].score else None

    def live_proposals(self) -> list[Proposal]:
        """The proposals that wait for a judgement."""
        return [one for one in self._case.proposals if self._shown.is_live(self._case, one)]

    def accept(self, proposal: Proposal, shortcut: str | None = None) -> None:
        """The button that accepts a proposal."""
        self._button(
            "accept",
            shortcut,
            ":material/check:",
            self._wishes.asked(self._wishes.accept(self._case, proposal), next_case=self.next_case),
            about=proposal.match_id if shortcut is None else "",
            is_first=True,
        )

    def reject(self, proposal: Proposal, shortcut: str | None = None) -> None:
        """The button that rejects a proposal. The case stays, for what else it may be."""
        self._button(
            "reject",
            shortcut,
            ":material/close:",
            self._wishes.asked(self._wishes.reject(self._case, proposal)),
            about=proposal.match_id if shortcut is None else "",
        )

    def follow(self) -> None:
        """Who looks at it, until when nobody needs to, what is thought of it, and the cases like it."""
        session, t, case, state = self._session, self._session.t, self._case, self._state
        if not session.may_decide:
            return
        me, day = session.actor.name, session.today()
        st.html(markup.paragraph(t("case.follow"), "quiet"))
        with st.container(horizontal=True, vertical_alignment="bottom", key="case_follow"):
            if state.assignee != me:
                self._button(
                    "take", "T", ":material/person_add:", self._wishes.asked(self._wishes.assign(case, me))
                )
            if state.standing == "snoozed":
                self._button(
                    "wake", "S", ":material/alarm:", self._wishes.asked(self._wishes.snooze(case, None))
                )
            else:
                until = day + timedelta(days=SNOOZE_DAYS)
                self._button(
                    "snooze",
                    "S",
                    ":material/snooze:",
                    self._wishes.asked(self._wishes.snooze(case, until), next_case=self.next_case),
                )
            with st.popover(t("action.more"), icon=":material/edit_note:", key="case_more"):
                self._forms(day)
            taken = state.takes_back
            if taken is not None:
                self._button("undo", "Z", ":material/undo:", self._wishes.asked(self._wishes.undo(taken)))
            alike = [one for one in self._shown.alike(case) if one.exception_id in self._around]
            if len(alike) > 1:
                st.button(
                    t("action.alike", count=t.number(len(alike))),
                    key="alike",
                    shortcut="E",
                    icon=":material/select_all:",
                    help=t("action.alike_help"),
                    on_click=self._choose_alike,
                    args=(alike,),
                )

    def _forms(self, day: date) -> None:
        session, t, case = self._session, self._session.t, self._case
        people = sorted({*session.settings.app.reviewers, *session.settings.app.admins, session.actor.name})
        with st.form("assign", border=False):
            who = st.selectbox(
                t("column.assignee"),
                ["", *people],
                format_func=lambda one: one or t("decide.nobody"),
                index=0,
                accept_new_options=True,
                key=f"assignee_{case.exception_id}",
            )
            if st.form_submit_button(t("action.assign"), icon=":material/person_add:"):
                ask(self._wishes.asked(self._wishes.assign(case, who or "")))
                st.rerun()
        with st.form("snooze", border=False):
            until = st.date_input(
                t("case.until"),
                value=day + timedelta(days=30),
                min_value=day + timedelta(days=1),
                format="DD/MM/YYYY" if t.language == "fr" else "YYYY-MM-DD",
                key=f"until_{case.exception_id}",
            )
            if st.form_submit_button(t("action.snooze_until"), icon=":material/snooze:"):
                ask(self._wishes.asked(self._wishes.snooze(case, until), next_case=self.next_case))
                st.rerun()
        with st.form("comment", border=False, clear_on_submit=True):
            text = st.text_area(t("case.comment"), key=f"comment_{case.exception_id}", height=80)
            if st.form_submit_button(t("action.comment"), icon=":material/comment:") and text.strip():
                ask(self._wishes.asked(self._wishes.comment(case, text.strip())))
                st.rerun()

    def _choose_alike(self, alike: Sequence[Case]) -> None:
        ids: list[str] = st.session_state["queue_ids"]
        choose_rows("queue", [ids.index(one.exception_id) for one in alike if one.exception_id in ids])

    def _go(self, name: str, shortcut: str, icon: str, target: str | None) -> None:
        st.button(
            self._session.t(f"action.{name}"),
            key=name,
            shortcut=shortcut,
            icon=icon,
            type="tertiary",
            disabled=target is None,
            on_click=self._choose,
            args=(target,),
        )

    def _choose(self, target: str) -> None:
        ids: list[str] = st.session_state["queue_ids"]
        if target in ids:
            choose_rows("queue", [ids.index(target)])
        st.session_state["case"] = target
        st.session_state.pop(OUTCOME, None)

    def _button(
        self,
        name: str,
        shortcut: str | None,
        icon: str,
        asked: Asked,
        *,
        about: str = "",
        is_first: bool = False,
    ) -> None:
        st.button(
            self._session.t(f"action.{name}"),
            key=f"{name}_{about}" if about else name,
            shortcut=shortcut,
            icon=icon,
            type="primary" if is_first and shortcut else "secondary",
            on_click=ask,
            args=(asked,),
        )


def _head(session: Session, case: Case, state: State) -> None:
    t = session.t
    where = " · ".join(part for part in (case.company_name, case.account) if part)
    st.html(
        markup.badge(t(f"severity.{case.severity}"), case.severity)
        + markup.badge(getattr(case, f"reason_{t.language}"), "")
        + (markup.badge(state_in_short(t, state), "done") if state.standing == "decided" else "")
        + markup.quiet(
            " · ".join(part for part in (where, t("unit.days", count=t.number(case.age_days))) if part)
        )
    )
    st.html(markup.paragraph(formats.localised(getattr(case, f"explanation_{t.language}"), t.language)))
    if state.pending and state.pending.effect != "noted":
        because = (told(session, one) for one in state.pending.decisions[-2:])
        effect = " ".join([t(f"pending.{state.pending.effect}"), *because])
        st.info(markup.for_markdown(effect), icon=":material/pending_actions:")
    notes = []
    if state.assignee:
        notes.append(t("case.assigned", who=state.assignee))
    if state.standing == "snoozed":
        notes.append(t("case.snoozed", day=formats.day(state.until, t.language)))
    if notes:
        st.html(markup.paragraph(" · ".join(notes), "quiet"))


def _body(session: Session, case: Case, state: State, actions: _Actions) -> None:
    """Side by side: the line, and what may belong to it."""
    if case.side == "file" or case.object_id is None:
        return
    t = session.t
    explained = cached.explained(session.home, case.exception_id)
    if explained.line is None and not explained.matches:
        return
    left, right = st.columns(2, gap="small")
    with left:
        if explained.line is not None:
            st.html(_line_card(t, explained.line, "own"))
            others = [
                member.line
                for match in explained.matches[:1]
                for member in match.members
                if member.line
                and member.object_id != explained.line.id
                and _same_side(match, member.side, explained.line)
            ]
            for line in others:
                st.html(_line_card(t, line, "own"))
    with right:
        gone = state.pending.candidates_gone if state.pending else frozenset()
        live = {proposal.match_id: proposal for proposal in actions.live_proposals()}
        for place, match in enumerate(explained.matches[:SHOWN_CANDIDATES]):
            st.html(
                _candidate(session, case, match, explained.line, is_best=place == 0, is_gone=match.id in gone)
            )
            if len(explained.matches) > 1 and match.id in live and session.may_decide:
                with st.container(horizontal=True):
                    actions.accept(live[match.id])
                    actions.reject(live[match.id])
        if not explained.matches:
            st.html(markup.paragraph(t("case.alike" if explained.alike else "case.nothing_fits"), "quiet"))
            for line in explained.alike:
                st.html(_line_card(t, line, "other"))


def _same_side(match: Match, side: str, own: Line) -> bool:
    return any(member.object_id == own.id and member.side == side for member in match.members)


def _candidate(
    session: Session, case: Case, match: Match, own: Line | None, *, is_best: bool, is_gone: bool
) -> str:
    """A match that is proposed: its lines of the other side, what is left, and the evidence."""
    t = session.t
    side = next((member.side for member in match.members if own and member.object_id == own.id), "payment")
    others = [member for member in match.members if member.side != side] or [
        member for member in match.members if own is None or member.object_id != own.id
    ]
    pieces = []
    for member in others:
        if member.line is not None:
            pieces.append(_facts(t, member.line, with_amount=len(others) > 1))
    currency = (own.currency_code if own else None) or case.currency_code
    total = match.document_amount if side == "payment" else match.payment_amount
    if match.residual_amount:
        pieces.append(
            markup.paragraph(
                t(
                    "case.residual",
                    amount=formats.amount(match.residual_amount, currency, t.language),
                    reason=t.code("residual", match.residual_reason),
                )
            )
        )
    pieces.append(markup.listed(evidence_told(match, t.language)))
    remark = f"{match.rule_label[t.language]} · {t('case.right', share=formats.whole_percent(match.score, t.language))}"
    style = "gone" if is_gone else "best" if is_best else "other"
    title = t("case.candidates", count=len(others)) if len(others) > 1 else t(f"line.{_kind(others[0].line)}")
    return markup.card(
        title, formats.amount(total, currency, t.language), "".join(pieces), style=style, remark=remark
    )


def _kind(line: Line | None) -> str:
    return line.kind if line else "opening"


def _line_card(t: Texts, line: Line, style: str) -> str:
    return markup.card(
        t(f"line.{line.kind}"),
        formats.amount(line.amount, line.currency_code, t.language),
        _facts(t, line, with_amount=False),
        style=style,
    )


def _facts(t: Texts, line: Line, *, with_amount: bool) -> str:
    text = t.code("item_type", line.text) if line.kind == "item" else line.text
    return markup.facts(
        [
            *(
                [(t("column.amount"), formats.amount(line.amount, line.currency_code, t.language))]
                if with_amount
                else []
            ),
            (t("column.date"), formats.day(line.day, t.language)),
            (t("column.counterparty"), line.party or ""),
            (t("column.reference"), line.reference or ""),
            (t("column.text"), text or ""),
            (t("column.account"), formats.iban(line.account)),
        ]
    )


def _history(session: Session, state: State) -> None:
    t = session.t
    if not state.history:
        return
    with st.expander(
        t.counted("case.history", len(state.history)),
        icon=":material/history:",
        expanded=bool(state.comments),
    ):
        st.html(markup.listed(told(session, one) for one in reversed(state.history)))
