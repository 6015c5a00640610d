"""From a button to the store: what is asked for, who asks, and what came of it.

A button only notes what is asked. The run of the page that follows knows afresh who is at work, and asks
``app.writes``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import streamlit as st

from app.board import Board, board
from app.cached import cases_of, overview_of
from app.figures.cases import Case, Proposal, paired
from app.figures.marts import PinnedHome
from app.roles import Role
from app.session import Session
from app.writes import NotAllowedError, Wish, write
from decisions.decision import FOLLOW_UP, Decision, DecisionRefusedError, Kind, NewDecision, Value
from decisions.pending import decided_before
from decisions.store import DecidedMeanwhileError, Store, StoreError
from documents import formats
from orchestration.decided import applied_sequence

ASKED: Final = "decision_asked"
OUTCOME: Final = "decision_outcome"


@dataclass(frozen=True)
class Asked:
    """What a button asks for, as of what its page had shown."""

    wishes: tuple[Wish, ...]
    seen: int
    next_case: str | None
    """Where to go when it is done; None to stay."""


@dataclass(frozen=True)
class Outcome:
    """What came of it: decisions that are kept, or a sentence that says why nothing is."""

    kept: tuple[Decision, ...] = ()
    refusal: str = ""


def ask(asked: Asked) -> None:
    """Note what is asked for; to be given to a button as what it calls."""
    # Keys may be pressed faster than the page is drawn; the same one twice is one wish.
    waiting: list[Asked] = st.session_state.setdefault(ASKED, [])
    if asked not in waiting:
        waiting.append(asked)


def perform(session: Session) -> None:
    """Do all that was asked for, in its order, and note the outcome: the last refusal, else what was kept last."""
    waiting: list[Asked] = st.session_state.pop(ASKED, [])
    # Streamlit may end the script wherever it reads or writes the session's state: not before all is done.
    outcomes = [_outcome(session, asked) for asked in waiting]
    if not outcomes:
        return
    refused = [one for one in outcomes if one.refusal]
    st.session_state[OUTCOME] = (refused or outcomes)[-1]
    if waiting[-1].next_case is not None and outcomes[-1].kept:
        st.session_state["case"] = waiting[-1].next_case


def _outcome(session: Session, asked: Asked) -> Outcome:
    t = session.t
    try:
        kept = write(session.actor, session.store, asked.wishes, seen=asked.seen)
    except NotAllowedError as error:
        refusal = t(
            "decide.not_allowed", name=session.actor.name, role=t(f"role.{error.needed.name.lower()}")
        )
        return Outcome(refusal=refusal)
    except DecidedMeanwhileError as error:
        return Outcome(refusal=t("decide.meanwhile", what=told(session, error.decision)))
    except (DecisionRefusedError, StoreError) as error:
        return Outcome(refusal=t("decide.refused", why=error))
    return Outcome(tuple(kept))


def board_of(session: Session) -> Board:
    """Where all cases stand now."""
    return _board(session, session.store.head())


def decisions_of(session: Session) -> Sequence[Decision]:
    """All decisions of the store."""
    return _decisions(session.store, session.store.head())


def applied_to(home: PinnedHome, decisions: Sequence[Decision]) -> int:
    """The sequence of the newest decision that is in the marts; by the clock where the run's report is gone."""
    applied = applied_sequence(home, home.run_id)
    return decided_before(decisions, overview_of(home).run["started_at"]) if applied is None else applied


def told(session: Session, decision: Decision) -> str:
    """A decision in words: who, what, when, why."""
    t = session.t
    detail = ""
    if decision.kind == "assign":
        detail = str(decision.payload["assignee"]) or t("decide.nobody")
    elif decision.kind == "snooze":
        until = str(decision.payload["until"])
        detail = formats.day(date.fromisoformat(until), t.language) if until else "–"
    elif decision.kind == "undo":
        detail = f"#{decision.payload['sequence']}"
    elif decision.kind == "forget":
        detail = str(decision.payload["decision_ref"])
    elif decision.kind == "alias":
        payer = decision.payload.get("payer_name") or decision.payload["iban"]
        detail = f"{payer} → {decision.payload['third_party_id']}"
    elif decision.kind in FOLLOW_UP:
        detail = _followed_up(session, decision)
    sentence = t(
        f"decided.{decision.kind}",
        who=decision.reviewer,
        when=session.moment(decision.decided_at),
        detail=detail,
    )
    return f"{sentence} {t('decide.why', reason=decision.reason)}" if decision.reason else sentence


def _followed_up(session: Session, decision: Decision) -> str:
    """Whom and what it is about: third party, document, amount, day, how it was said."""
    said = dict(decision.payload)
    if "promised_date" in said:
        said["promised_date"] = formats.day(
            date.fromisoformat(str(said["promised_date"])), session.t.language
        )
    if "channel" in said:
        said["channel"] = session.t(f"channel.{said['channel']}")
    names = (
        "third_party_id",
        "document_ref",
        "item_id",
        "dispute_id",
        "amount",
        "promised_date",
        "channel",
        "outcome",
    )
    return ", ".join(str(said[name]) for name in names if name in said)


def may_undo(session: Session, decision: Decision) -> bool:
    """Whether the page offers to take a decision back; what counts is ``app.writes``."""
    is_mine = decision.reviewer == session.actor.name or session.actor.role >= Role.ADMIN
    return session.may_decide and decision.kind != "undo" and is_mine


class Wishes:
    """Makes what a page may ask for about its cases, as of a board that it shows."""

    def __init__(self, shown: Board) -> None:
        self._shown = shown

    def asked(self, *wishes: Wish, next_case: str | None = None) -> Asked:
        """What a button asks for when it is pressed."""
        return Asked(wishes, self._shown.newest, next_case)

    def accept(self, case: Case, proposal: Proposal) -> Wish:
        """The proposal is right."""
        return self._about(case, "accept", pairs=proposal.pairs)

    def reject(self, case: Case, proposal: Proposal) -> Wish:
        """The proposal is wrong."""
        return self._about(case, "reject", pairs=proposal.pairs)

    def match(self, case: Case, own: Sequence[str], others: Sequence[str], reason: str) -> Wish:
        """These lines belong together."""
        return self._about(case, "match", pairs=paired(own, others), reason=reason)

    def assign(self, case: Case, assignee: str) -> Wish:
        """Somebody looks at it; nobody when empty."""
        return self._about(case, "assign", payload={"assignee": assignee})

    def snooze(self, case: Case, until: date | None) -> Wish:
        """Nobody needs to look before that day; None ends it."""
        return self._about(case, "snooze", payload={"until": until.isoformat() if until else ""})

    def comment(self, case: Case, text: str) -> Wish:
        """A remark."""
        return self._about(case, "comment", reason=text)

    def undo(self, decision: Decision) -> Wish:
        """A decision is taken back."""
        state = self._shown.states.get(decision.exception_id or "")
        new = NewDecision(
            kind="undo",
            reviewer="",
            exception_id=decision.exception_id,
            payload={"sequence": decision.sequence},
        )
        return Wish(new, state.newest if state else self._shown.newest)

    def _about(
        self,
        case: Case,
        kind: Kind,
        *,
        pairs: tuple[tuple[str, str], ...] = (),
        reason: str = "",
        payload: dict[str, Value] | None = None,
    ) -> Wish:
        new = NewDecision(
            kind=kind,
            reviewer="",
            company_id=case.company_id,
            exception_id=case.exception_id,
            reason=reason,
            pairs=pairs,
            payload=payload or {},
        )
        return Wish(new, self._shown.states[case.exception_id].newest)


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs={Store: lambda store: store.name})
def _decisions(store: Store, head: str) -> Sequence[Decision]:
    del head  # what is read is of this head, which only names it in the cache
    return store.decisions()


@st.cache_resource(
    max_entries=16,
    show_spinner=False,
    hash_funcs={
        Session: lambda session: (str(session.home.release), session.store.name, str(session.today()))
    },
)
def _board(session: Session, head: str) -> Board:
    decisions = _decisions(session.store, head)
    return board(
        cases_of(session.home), decisions, applied=applied_to(session.home, decisions), today=session.today()
    )
