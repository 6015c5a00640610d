"""What a decision is, and what it may say.

A decision is never changed or deleted: it is taken back by another one (``undo``). The ids in ``pairs`` are those of
``decisions.csv``: of bank transactions, ledger lines and items, as the marts show them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Literal, get_args

Kind = Literal[
    "accept",
    "match",
    "reject",
    "alias",
    "forget",
    "assign",
    "comment",
    "snooze",
    "promise",
    "dispute",
    "settle_dispute",
    "contact",
    "undo",
]
Value = str | int
Pair = tuple[str, str]

KINDS: Final = get_args(Kind)
GROUPING: Final = ("accept", "match")
"""Their pairs are one group, which holds whole or not at all."""

MATCHING: Final = (*GROUPING, "reject", "alias", "forget")
"""What the next refresh matches by."""

NOTES: Final = ("assign", "comment", "snooze")
"""Who looks at an exception, and what was thought of it: nothing is matched by these."""

FOLLOW_UP: Final = ("promise", "dispute", "settle_dispute", "contact")
"""What was said with a third party about what it owes."""

CHANNELS: Final = ("phone", "email", "letter", "meeting")
"""How a third party was spoken to."""

AMOUNT: Final = re.compile(r"[0-9]{1,16}(\.[0-9]{1,2})?")
THIRD_PARTY: Final = re.compile(r".+/(customer|supplier)/.+")
LONGEST_TEXT: Final = 10_000
UNWRITABLE: Final = re.compile("[\0\ud800-\udfff]")
NOTHING: Final[Mapping[str, Value]] = MappingProxyType({})


class DecisionsError(Exception):
    """What can keep a decision from being made, kept or moved; its message is one sentence that names the remedy."""


class DecisionRefusedError(DecisionsError):
    """A decision that says too little or too much, or takes back what cannot be."""


@dataclass(frozen=True, kw_only=True)
class NewDecision:
    """What a reviewer decides.

    | kind | what it says | needs |
    |---|---|---|
    | accept, match | the pairs are one group: what was proposed, or matched by hand | company_id, pairs |
    | reject | none of the pairs belongs together | company_id, pairs |
    | alias | a payer's payments are a third party's | company_id, payload: iban or payer_name, third_party_id |
    | forget | a decision of decisions.csv is taken back | company_id, payload: decision_ref |
    | assign | who looks at the exception; "" is nobody | exception_id, payload: assignee |
    | comment | the reason is a remark about the exception | exception_id, reason |
    | snooze | nobody needs to look before that day; "" ends it | exception_id, payload: until (YYYY-MM-DD) |
    | promise | a third party will have paid by a day | company_id, payload: third_party_id, promised_date |
    | dispute | a document is contested, for the reason | company_id, reason, payload: third_party_id, document |
    | settle_dispute | a dispute of fct_disputes is over | company_id, payload: dispute_id |
    | contact | they were spoken to; the reason is a remark | company_id, payload: third_party_id, channel |
    | undo | a decision of this store is taken back | payload: sequence |

    A document is its ``document_ref`` or, of several instalments, an ``item_id``; a promise without one is about all
    that is owed. The ``amount`` of a promise or a dispute, a text such as 1250.50 in the base currency, may be left
    out: all of it. A contact may have an ``outcome`` and a ``document_ref``.
    """

    kind: Kind
    reviewer: str
    company_id: str | None = None
    exception_id: str | None = None
    """The exception that was decided, if it was one; an undo has that of what it takes back."""
    reason: str = ""
    pairs: tuple[Pair, ...] = ()
    payload: Mapping[str, Value] = field(default_factory=lambda: NOTHING, hash=False)


@dataclass(frozen=True, kw_only=True)
class Decision(NewDecision):
    """A decision that is kept."""

    sequence: int
    """1, 2, 3 … without a gap."""
    decided_at: datetime
    """UTC."""
    previous_hash: str
    hash: str

    @property
    def reference(self) -> str:
        """How it is named to people, and in the marts: its ``decision_ref``."""
        return f"#{self.sequence}"


def in_force(decisions: Iterable[Decision]) -> list[Decision]:
    """The decisions without what was undone and without the undos, in their order."""
    listed = list(decisions)
    undone = {one.payload["sequence"] for one in listed if one.kind == "undo"}
    return [one for one in listed if one.kind != "undo" and one.sequence not in undone]


def refuse_incoherent(new: NewDecision) -> None:
    """Raises DecisionRefusedError for a decision that leaves open what is decided, or says more than its kind can."""
    if new.kind not in KINDS:
        raise DecisionRefusedError(f"“{new.kind}” is no kind of decision; write one of {', '.join(KINDS)}.")
    for name, text in _texts(new):
        _refuse_unwritable(new, name, text)
    if new.company_id == "" or new.exception_id == "":
        raise DecisionRefusedError(f"{new.kind}: an id is empty; leave it out, or fill it in.")
    if not new.reviewer.strip():
        raise DecisionRefusedError(f"{new.kind}: nobody is named who decides; fill in reviewer.")
    if new.kind in (*MATCHING, *FOLLOW_UP) and not new.company_id:
        raise DecisionRefusedError(f"{new.kind}: company_id is empty; name the company that it is about.")
    if new.kind in NOTES and not new.exception_id:
        raise DecisionRefusedError(f"{new.kind}: exception_id is empty; name the exception that it is about.")
    if new.kind == "comment" and not new.reason.strip():
        raise DecisionRefusedError("comment: it says nothing; write it as the reason.")
    if new.kind == "dispute" and not new.reason.strip():
        raise DecisionRefusedError("dispute: it does not say what is contested; write it as the reason.")
    _refuse_pairs(new)
    _refuse_payload(new)


def _texts(new: NewDecision) -> Iterable[tuple[str, str]]:
    yield "reviewer", new.reviewer
    yield "company_id", new.company_id or ""
    yield "exception_id", new.exception_id or ""
    yield "reason", new.reason
    yield from (("pairs", name) for pair in new.pairs for name in pair)
    yield from ((name, value) for name, value in new.payload.items() if isinstance(value, str))


def _refuse_unwritable(new: NewDecision, name: str, text: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise DecisionRefusedError(
            f"{new.kind}: {name} has {len(text)} characters; say it in {LONGEST_TEXT} at most."
        )
    if UNWRITABLE.search(text):
        raise DecisionRefusedError(f"{new.kind}: {name} holds what is no character; write it anew.")


def _refuse_pairs(new: NewDecision) -> None:
    if new.kind not in (*GROUPING, "reject"):
        if new.pairs:
            raise DecisionRefusedError(f"{new.kind}: it is not about pairs; leave pairs empty.")
        return
    if not new.pairs:
        raise DecisionRefusedError(f"{new.kind}: it names no pair; give the ids of both sides.")
    for pair in new.pairs:
        if len(pair) != 2 or not all(pair) or pair[0] == pair[1]:
            raise DecisionRefusedError(
                f"{new.kind}: {' and '.join(pair) or 'a pair without ids'} is no pair; give one id of each side."
            )
    if len({frozenset(pair) for pair in new.pairs}) < len(new.pairs):
        raise DecisionRefusedError(f"{new.kind}: a pair stands twice; name it once.")


@dataclass(frozen=True)
class _Payload:
    """One way to fill in a payload: all that is needed, and of what is optional any."""

    needed: frozenset[str]
    optional: frozenset[str] = frozenset()

    def __str__(self) -> str:
        optional = f" (and, if it matters, {', '.join(sorted(self.optional))})" if self.optional else ""
        return (", ".join(sorted(self.needed)) or "nothing") + optional

    def allows(self, names: Iterable[str]) -> bool:
        return self.needed <= frozenset(names) <= self.needed | self.optional


def _payload(*needed: str, optional: Iterable[str] = ()) -> _Payload:
    return _Payload(frozenset(needed), frozenset(optional))


PAYLOADS: Final[Mapping[str, tuple[_Payload, ...]]] = {
    "alias": (_payload("iban", "third_party_id"), _payload("payer_name", "third_party_id")),
    "forget": (_payload("decision_ref"),),
    "assign": (_payload("assignee"),),
    "snooze": (_payload("until"),),
    "promise": (
        _payload("third_party_id", "promised_date", optional=("amount", "document_ref")),
        _payload("third_party_id", "promised_date", "item_id", optional=("amount",)),
    ),
    "dispute": (
        _payload("third_party_id", "document_ref", optional=("amount",)),
        _payload("third_party_id", "item_id", optional=("amount",)),
    ),
    "settle_dispute": (_payload("dispute_id"),),
    "contact": (_payload("third_party_id", "channel", optional=("outcome", "document_ref")),),
    "undo": (_payload("sequence"),),
}


def _refuse_payload(new: NewDecision) -> None:
    allowed = PAYLOADS.get(new.kind, (_payload(),))
    if not any(one.allows(new.payload) for one in allowed):
        wanted = " or ".join(map(str, allowed))
        found = ", ".join(sorted(new.payload)) or "nothing"
        raise DecisionRefusedError(f"{new.kind}: the payload holds {found}; it must hold {wanted}.")
    for name, value in new.payload.items():
        if type(value) is not (int if name == "sequence" else str):
            raise DecisionRefusedError(
                f"{new.kind}: {name} is {value!r}; write a text, or a number for sequence."
            )
        if not value and name not in ("assignee", "until"):
            raise DecisionRefusedError(f"{new.kind}: {name} is empty; fill it in.")
    for name, value in new.payload.items():
        _refuse_value(new, name, str(value))


def _refuse_value(new: NewDecision, name: str, text: str) -> None:
    if name == "third_party_id":
        if not THIRD_PARTY.fullmatch(text):
            raise DecisionRefusedError(
                f"{new.kind}: third_party_id “{text}” is not company/kind/code; write it as "
                "dim_third_parties shows it, such as acme/customer/MARTIN."
            )
        if new.kind in FOLLOW_UP and not text.startswith(f"{new.company_id}/"):
            raise DecisionRefusedError(
                f"{new.kind}: third_party_id “{text}” is of another company than {new.company_id}; name one of its own."
            )
    if name in ("until", "promised_date") and text and not _is_day(text):
        raise DecisionRefusedError(f"{new.kind}: “{text}” is no day; write it as 2026-06-30.")
    if name == "amount" and not (AMOUNT.fullmatch(text) and Decimal(text)):
        raise DecisionRefusedError(
            f"{new.kind}: “{text}” is no amount; write it above zero, with a point, as 1250.50."
        )
    if name == "channel" and text not in CHANNELS:
        raise DecisionRefusedError(f"{new.kind}: “{text}” is no channel; write one of {', '.join(CHANNELS)}.")


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
