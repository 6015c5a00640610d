"""The queue of exceptions, and beside it the one that is looked at."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import streamlit as st

from app.board import STANDINGS, Board
from app.deciding import OUTCOME, Outcome, Wishes, ask, board_of, told
from app.figures.cases import ORDERS, SEVERITIES, Case, ordered
from app.grid import GridColumn, choose_rows, grid
from app.markup import for_markdown
from app.session import Session
from app.views import bulk, case_page

QUEUE: Final = "queue"
SHOWN_IDS: Final = "queue_ids"
MOST_SHOWN: Final = 2_000
"""Cases listed at most; filters reach the others."""

ROWS_IN_SIGHT: Final = 18

SEVERITY_COLOURS: Final = {"high": "#a4371f", "medium": "#8a5a00", "low": "#1f5180", "info": "#78909c"}


def show(session: Session) -> None:
    """Draw the page."""
    t = session.t
    shown = board_of(session)
    st.title(t("exceptions.title"))
    show_outcome(session, shown)
    wanted, order = _filters(session, shown)
    found = ordered([case for case in shown.cases.values() if wanted(case)], order)
    left, right = st.columns([6, 7], gap="medium")
    with left:
        chosen = _queue(session, shown, found)
    with right:
        if len(chosen) > 1:
            bulk.show(session, shown, [shown.cases[one] for one in chosen])
        elif chosen:
            around = [case.exception_id for case in found]
            case_page.show(session, shown, shown.cases[chosen[0]], around)
        elif not session.may_decide:
            st.info(t("exceptions.nothing_chosen"))


def show_outcome(session: Session, shown: Board) -> None:
    """What became of what was asked for last."""
    t = session.t
    outcome: Outcome | None = st.session_state.get(OUTCOME)
    if outcome is None:
        return
    if outcome.refusal:
        st.warning(for_markdown(outcome.refusal), icon=":material/block:")
        del st.session_state[OUTCOME]
        return
    text = (
        told(session, outcome.kept[-1])
        if len(outcome.kept) == 1
        else t.counted("decide.kept", len(outcome.kept))
    )
    with st.container(horizontal=True, vertical_alignment="center", key="outcome"):
        if _acts(outcome):
            text = f"{text} {t.counted('decide.next_refresh', len(outcome.kept))}"
        st.success(for_markdown(text), icon=":material/check:")
        if outcome.kept[0].kind != "undo":
            wishes = Wishes(shown)
            st.button(
                t("action.undo"),
                key="undo_last",
                shortcut="U",
                icon=":material/undo:",
                on_click=ask,
                args=(wishes.asked(*(wishes.undo(one) for one in outcome.kept)),),
            )


def _acts(outcome: Outcome) -> bool:
    """Whether the next refresh acts upon it."""
    return outcome.kept[-1].kind in ("accept", "match", "reject", "promise", "dispute", "settle_dispute")


def _filters(session: Session, shown: Board) -> tuple[Callable[[Case], bool], Any]:
    """What is to be shown, and in which order."""
    t = session.t
    counts = shown.counts()
    everything = list(shown.cases.values())
    standing_at, order_at, search_at, more_at = st.columns([9, 6, 6, 4], vertical_alignment="bottom")
    standing = standing_at.segmented_control(
        t("exceptions.standing"),
        STANDINGS,
        default="open",
        required=True,
        format_func=lambda one: f"{t(f'standing.{one}')} · {t.number(counts[one])}",
        key="standing",
        label_visibility="collapsed",
    )
    order = order_at.segmented_control(
        t("exceptions.order"),
        ORDERS,
        default="risk",
        required=True,
        format_func=lambda one: t(f"order.{one}"),
        key="order",
        label_visibility="collapsed",
    )
    words = (
        search_at.text_input(
            t("exceptions.search"),
            placeholder=t("exceptions.search"),
            label_visibility="collapsed",
            key="search",
            icon=":material/search:",
        )
        .casefold()
        .split()
    )
    reasons = {case.reason_code: getattr(case, f"reason_{t.language}") for case in everything}
    companies = {case.company_id: case.company_name for case in everything if case.company_id}
    accounts = sorted({case.account for case in everything if case.account})
    assignees = sorted({state.assignee for state in shown.states.values() if state.assignee})
    kept = sum(
        len(st.session_state.get(f"filter_{name}", ()))
        for name in ("severity", "reason", "company", "account", "assignee")
    )
    label = t("exceptions.filters") + (f" · {kept}" if kept else "")
    with more_at.popover(label, icon=":material/filter_list:", width="stretch"):
        severity = st.pills(
            t("column.severity"),
            SEVERITIES,
            selection_mode="multi",
            format_func=lambda one: t(f"severity.{one}"),
            key="filter_severity",
        )
        reason = st.multiselect(
            t("column.reason"),
            sorted(reasons, key=reasons.__getitem__),
            format_func=reasons.__getitem__,
            key="filter_reason",
            placeholder=t("choice.all"),
        )
        company = st.multiselect(
            t("column.company"),
            list(companies),
            format_func=lambda one: companies[one] or one,
            key="filter_company",
            placeholder=t("choice.all"),
        )
        account = st.multiselect(
            t("column.account"), accounts, key="filter_account", placeholder=t("choice.all")
        )
        assignee = st.multiselect(
            t("column.assignee"),
            ["", *assignees],
            format_func=lambda one: one or t("decide.nobody"),
            key="filter_assignee",
            placeholder=t("choice.all"),
        )

    def wanted(case: Case) -> bool:
        state = shown.states[case.exception_id]
        return (
            state.standing == standing
            and (not severity or case.severity in severity)
            and (not reason or case.reason_code in reason)
            and (not company or case.company_id in company)
            and (not account or case.account in account)
            and (not assignee or state.assignee in assignee)
            and (not words or _holds(case, words, t.language))
        )

    return wanted, order


def _holds(case: Case, words: Sequence[str], language: str) -> bool:
    text = " ".join(
        str(part)
        for part in (
            getattr(case, f"reason_{language}"),
            getattr(case, f"explanation_{language}"),
            case.party,
            case.text,
            case.amount,
            case.company_name,
            case.exception_id,
        )
        if part is not None
    ).casefold()
    return all(word in text for word in words)


def _queue(session: Session, shown: Board, found: Sequence[Case]) -> list[str]:
    """Show the queue; return the cases that are chosen, the first one where none is."""
    t = session.t
    listed = found[:MOST_SHOWN]
    if not listed:
        st.info(t("exceptions.empty"))
        st.session_state[SHOWN_IDS] = []
        return []
    ids = [case.exception_id for case in listed]
    current = _current(ids)
    if st.session_state.get(SHOWN_IDS) != ids or not _chosen_rows():
        # Rows have moved: what is chosen are cases, not places.
        choose_rows(QUEUE, [ids.index(current)])
        st.session_state[SHOWN_IDS] = ids
    several_currencies = len({case.currency_code for case in listed if case.currency_code}) > 1
    chosen = grid(
        [_row(session, shown, case) for case in listed],
        [
            GridColumn("severity", t("column.severity"), width=72),
            GridColumn("amount", t("column.amount"), "amount", width=96),
            *([GridColumn("currency", t("column.currency"), width=60)] if several_currencies else []),
            GridColumn("age", t("column.age_days"), "count", width=62),
            GridColumn("what", t("column.what"), width=215),
            GridColumn("reason", t("column.reason"), width=170),
            GridColumn("state", t("column.state"), width=110),
            GridColumn("assignee", t("column.assignee"), width=90),
        ],
        key=QUEUE,
        language=t.language,
        choose="multi-row",
        most_rows=ROWS_IN_SIGHT,
        name=t("exceptions.title"),
        colours={"severity": {t(f"severity.{code}"): colour for code, colour in SEVERITY_COLOURS.items()}},
    )
    if len(listed) < len(found):
        st.caption(t("exceptions.first", shown=t.number(len(listed)), count=t.number(len(found))))
    st.caption(t("exceptions.keys"))
    picked = [ids[row] for row in sorted(chosen)]
    if len(picked) == 1:
        st.session_state["case"] = picked[0]
    return picked


def _chosen_rows() -> list[int]:
    state = st.session_state.get(QUEUE)
    return list(state["selection"]["rows"]) if state else []


def _current(ids: Sequence[str]) -> str:
    """The case that is looked at: the one that was, or the one that has taken its place."""
    before: Sequence[str] = st.session_state.get(SHOWN_IDS) or ids
    current = st.session_state.get("case")
    if current in ids:
        return str(current)
    place = before.index(current) if current in before else 0
    return ids[min(place, len(ids) - 1)]


def _row(session: Session, shown: Board, case: Case) -> dict[str, Any]:
    t = session.t
    state = shown.states[case.exception_id]
    return {
        "severity": t(f"severity.{case.severity}"),
        "amount": case.amount,
        "currency": case.currency_code,
        "age": case.age_days,
        "what": case.party or case.text or case.account or case.company_name,
        "reason": getattr(case, f"reason_{t.language}"),
        "state": case_page.state_in_short(t, state),
        "assignee": state.assignee,
    }
