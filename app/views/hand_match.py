"""To match lines by hand: several of one side with several of the other, with what remains named, to the cent."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import streamlit as st

from app import cached, markup
from app.board import Board
from app.deciding import Asked, Wishes, ask
from app.figures.cases import Case
from app.figures.hand_matching import Against, OpenLine, other_sides, own_side, total
from app.grid import GridColumn, choose_rows, grid
from app.session import Session
from documents import formats

OPEN: Final = "hand_match_of"
RESIDUALS: Final = (
    "bank_fee",
    "discount",
    "rounding",
    "exchange",
    "short_payment",
    "over_payment",
    "unexplained",
)


def toggle(case: Case) -> None:
    """Open the matching of a case, or close it."""
    st.session_state[OPEN] = None if is_open(case) else case.exception_id


def is_open(case: Case) -> bool:
    """Whether the case is being matched by hand."""
    return st.session_state.get(OPEN) == case.exception_id


def show(session: Session, shown: Board, case: Case, next_case: str | None) -> None:
    """Draw the two lists, the sums, and what remains."""
    t = session.t
    with st.container(border=True, key="hand_match"):
        st.html(markup.paragraph(t("hand.intro"), "quiet"))
        against = _against(session, case)
        words = (
            st.text_input(
                t("hand.search"),
                key=f"hand_search_{case.exception_id}",
                placeholder=t("hand.search"),
                label_visibility="collapsed",
                icon=":material/search:",
            )
            .casefold()
            .split()
        )
        others = _chosen(session, case, against, words, f"hand_others_{case.exception_id}_{against}")
        own_lines = cached.open_lines(session.home, case, own_side(case))
        own = [line for line in own_lines if line.id == case.object_id]
        with st.expander(t("hand.more_own"), icon=":material/add:"):
            own += _chosen(
                session, case, own_side(case), [], f"hand_own_{case.exception_id}", without=case.object_id
            )
        residual = _sums(session, case, own, others)
        reason, comment = _reason(session, case, residual)
        ready = bool(own and others)
        # What the books say of a residual is theirs; the decision keeps what the reviewer called it.
        named = (
            t(
                "hand.residual_reason",
                amount=formats.amount(residual, case.currency_code, t.language),
                name=t(f"residual.{reason}"),
            )
            if residual and reason
            else ""
        )
        text = " ".join(part for part in (named, comment) if part)
        if session.may_decide:
            wishes = Wishes(shown)
            asked = (
                wishes.asked(
                    wishes.match(case, [line.id for line in own], [line.id for line in others], text),
                    next_case=next_case,
                )
                if ready
                else None
            )
            st.button(
                t("action.match_these"),
                key="hand_match_these",
                type="primary",
                shortcut="Ctrl+Enter",
                icon=":material/join:",
                disabled=not ready or bool(residual and not reason),
                on_click=_match,
                args=(asked,),
            )


def _match(asked: Asked) -> None:
    st.session_state[OPEN] = None
    ask(asked)


def _against(session: Session, case: Case) -> Against:
    t = session.t
    sides = other_sides(case)
    if len(sides) == 1:
        return sides[0]
    chosen: Against = st.segmented_control(
        t("hand.against"),
        sides,
        default=sides[0],
        required=True,
        format_func=lambda one: t(f"hand.{one}"),
        key=f"hand_against_{case.exception_id}",
        label_visibility="collapsed",
    )
    return chosen


def _chosen(
    session: Session, case: Case, against: Against, words: Sequence[str], key: str, without: str | None = None
) -> list[OpenLine]:
    """Show the open lines of one kind; return those that are chosen, also where a search hides them."""
    t = session.t
    lines = {
        line.id: line
        for line in cached.open_lines(session.home, case, against)
        if line.id not in (without, case.object_id)
    }
    kept: Sequence[str] = st.session_state.get(f"{key}_kept", ())
    listed = [
        line for line in lines.values() if line.id in kept or all(word in _text(line) for word in words)
    ]
    if not listed:
        st.caption(t("hand.nothing"))
        return []
    ids = [line.id for line in listed]
    if st.session_state.get(f"{key}_ids") != ids:
        choose_rows(key, [place for place, one in enumerate(ids) if one in kept])
        st.session_state[f"{key}_ids"] = ids
    rows = [
        {
            "day": line.day,
            "amount": line.amount,
            "party": line.party or (t.code("item_type", line.text) if against == "documents" else line.text),
            "reference": line.reference,
            "text": t.code("item_type", line.text) if against == "documents" else line.text,
        }
        for line in listed
    ]
    chosen = grid(
        rows,
        [
            GridColumn("day", t("column.date"), "date", width=90),
            GridColumn("amount", t("column.amount"), "amount", width=110),
            GridColumn("party", t("column.what"), width=220),
            GridColumn("reference", t("column.reference"), width=130),
            GridColumn("text", t("column.text"), width=180),
        ],
        key=key,
        language=t.language,
        choose="multi-row",
        most_rows=6,
        name=t(f"hand.{against}"),
    )
    st.session_state[f"{key}_kept"] = [ids[row] for row in chosen]
    return [listed[row] for row in chosen]


def _text(line: OpenLine) -> str:
    parts = (line.party, line.reference, line.text, line.amount, line.day)
    return " ".join(str(part) for part in parts if part is not None).casefold()


def _sums(session: Session, case: Case, own: Sequence[OpenLine], others: Sequence[OpenLine]) -> Decimal:
    """Show both sums and what remains; return it, in the signs of the case's side less the other."""
    t = session.t
    # A payment that waits is a credit in the books, the documents that it settles are debits.
    sign = -1 if case.side == "receivable" else 1
    left, right = sign * total(own), total(others)
    if case.side == "ledger":
        left, right = right, left
    residual = left - right
    names = (
        ("hand.sum_ledger", "hand.sum_bank") if case.side == "ledger" else ("hand.sum_own", "hand.sum_others")
    )
    first, second = (right, left) if case.side == "ledger" else (left, right)
    lines = [
        (t(names[0], count=t.number(len(own))), first),
        (t(names[1], count=t.number(len(others))), second),
        (t("hand.residual"), residual),
    ]
    st.html(
        markup.sums((name, formats.amount(value, case.currency_code, t.language)) for name, value in lines)
    )
    return residual


def _reason(session: Session, case: Case, residual: Decimal) -> tuple[str | None, str]:
    t = session.t
    reason = None
    if residual:
        reason = st.pills(
            t("hand.name_residual"),
            RESIDUALS,
            format_func=lambda one: t(f"residual.{one}"),
            key=f"hand_reason_{case.exception_id}",
        )
    comment = st.text_input(t("case.comment"), key=f"hand_comment_{case.exception_id}")
    return reason, comment.strip()
