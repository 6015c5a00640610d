"""The one way to the store of decisions: whatever a page, a key or a forged request asks for is judged here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from app.roles import Actor, Role
from decisions.decision import Decision, Kind, NewDecision, Value
from decisions.store import Store


class NotAllowedError(Exception):
    """The actor's role does not allow it; nothing was written. ``needed`` is the role that does."""

    def __init__(self, actor: Actor, needed: Role) -> None:
        super().__init__(f"{actor.name} is {actor.role.name.lower()}; this needs {needed.name.lower()}.")
        self.needed = needed


@dataclass(frozen=True)
class Wish:
    """A decision that somebody asks for, with the newest about its exception that they had seen (0: none)."""

    decision: NewDecision
    seen_of_exception: int


def write(actor: Actor, store: Store, wishes: Sequence[Wish], *, seen: int) -> list[Decision]:
    """Keep decisions under the actor's own name: all or none. ``seen`` is the newest of the store that they had seen.

    Raises NotAllowedError for a reader, and for a reviewer who takes back what somebody else decided; and what
    ``Store.append_all`` raises, of which DecidedMeanwhileError tells that somebody else was faster.
    """
    if actor.role < Role.REVIEWER:
        raise NotAllowedError(actor, Role.REVIEWER)
    news = [replace(wish.decision, reviewer=actor.name) for wish in wishes]
    undone = {new.payload["sequence"] for new in news if new.kind == "undo"}
    if undone and actor.role < Role.ADMIN:
        of_others = [
            one for one in store.decisions() if one.sequence in undone and one.reviewer != actor.name
        ]
        if of_others:
            raise NotAllowedError(actor, Role.ADMIN)
    return store.append_all(news, expected=[wish.seen_of_exception for wish in wishes], seen=seen)


def promise(
    third_party_id: str,
    promised_date: date,
    *,
    amount: Decimal | None = None,
    document_ref: str | None = None,
    remark: str = "",
) -> Wish:
    """A third party said that it will have paid by a day: an amount or all, of a document or of all that it owes."""
    said = {"promised_date": promised_date.isoformat(), "amount": amount, "document_ref": document_ref}
    return _about(third_party_id, "promise", remark, said)


def dispute(third_party_id: str, document_ref: str, reason: str, *, amount: Decimal | None = None) -> Wish:
    """A third party contests a document, or an amount of it."""
    return _about(third_party_id, "dispute", reason, {"document_ref": document_ref, "amount": amount})


def settled_dispute(company_id: str, dispute_id: str, remark: str = "") -> Wish:
    """A dispute of ``fct_disputes`` is over."""
    new = NewDecision(
        kind="settle_dispute",
        reviewer="",
        company_id=company_id,
        reason=remark,
        payload={"dispute_id": dispute_id},
    )
    return Wish(new, 0)


def contact(third_party_id: str, channel: str, remark: str, outcome: str = "") -> Wish:
    """A third party was spoken to; ``channel`` is one of ``decisions.decision.CHANNELS``."""
    return _about(third_party_id, "contact", remark, {"channel": channel, "outcome": outcome})


def _about(third_party_id: str, kind: Kind, reason: str, said: dict[str, str | Decimal | None]) -> Wish:
    payload: dict[str, Value] = {"third_party_id": third_party_id}
    payload |= {name: str(value) for name, value in said.items() if value not in (None, "")}
    company_id = third_party_id.partition("/")[0]
    # They are about a third party, not about an exception: nobody can have decided about that meanwhile.
    return Wish(NewDecision(kind=kind, reviewer="", company_id=company_id, reason=reason, payload=payload), 0)
