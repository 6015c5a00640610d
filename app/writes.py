"""The one way to the store of decisions: whatever a page, a key or a forged request asks for is judged here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.roles import Actor, Role
from decisions.decision import Decision, NewDecision
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
