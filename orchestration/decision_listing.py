"""The decisions of a home as the command line shows them."""

from collections.abc import Sequence
from typing import Final

from decisions.decision import Decision
from orchestration.listing import SHORT_ID, Column, Language, Listing

KINDS: Final[dict[str, dict[Language, str]]] = {
    "accept": {"en": "accepted", "fr": "accepté"},
    "match": {"en": "matched", "fr": "rapproché"},
    "reject": {"en": "rejected", "fr": "rejeté"},
    "alias": {"en": "payer named", "fr": "payeur nommé"},
    "forget": {"en": "file's decision forgotten", "fr": "décision de fichier oubliée"},
    "assign": {"en": "assigned", "fr": "confié"},
    "comment": {"en": "remarked", "fr": "commenté"},
    "snooze": {"en": "snoozed", "fr": "remis à plus tard"},
    "promise": {"en": "promise taken", "fr": "promesse reçue"},
    "dispute": {"en": "dispute opened", "fr": "litige ouvert"},
    "settle_dispute": {"en": "dispute closed", "fr": "litige clos"},
    "contact": {"en": "contact", "fr": "contact"},
    "undo": {"en": "undone", "fr": "annulé"},
}
HEADINGS: Final[dict[Language, tuple[str, ...]]] = {
    "en": ("No.", "When (UTC)", "Who", "What", "Company", "Exception", "About", "Why", "Undone by"),
    "fr": ("N°", "Quand (UTC)", "Qui", "Quoi", "Société", "Anomalie", "Sur", "Pourquoi", "Annulé par"),
}
NAMES: Final = (
    "sequence",
    "decided_at",
    "reviewer",
    "kind",
    "company_id",
    "exception_id",
    "subject",
    "reason",
    "undone_by",
)


def decision_listing(decisions: Sequence[Decision], exception_id: str | None, language: Language) -> Listing:
    """Decisions in their order, or those about the exceptions whose id begins so, each with what has undone it."""
    undone_by = {one.payload["sequence"]: one.sequence for one in decisions if one.kind == "undo"}
    title = {"en": "Decisions", "fr": "Décisions"}[language]
    shown = [one for one in decisions if (one.exception_id or "").startswith(exception_id or "")]
    words = {
        "kind": {code: words[language] for code, words in KINDS.items()},
        "subject": {_subject(one): _subject(one, SHORT_ID) for one in shown},
    }
    columns = [
        Column(
            name,
            label,
            words=words.get(name, {}),
            shown_characters=SHORT_ID if name == "exception_id" else None,
            is_detail=name in ("company_id", "subject"),
        )
        for name, label in zip(NAMES, HEADINGS[language], strict=True)
    ]
    rows = [
        (
            one.sequence,
            one.decided_at,
            one.reviewer,
            one.kind,
            one.company_id,
            one.exception_id,
            _subject(one),
            one.reason,
            undone_by.get(one.sequence),
        )
        for one in shown
    ]
    return Listing(title, columns, rows)


def _subject(one: Decision, characters: int | None = None) -> str:
    """What it is about, in one line: pairs of ids, a payer and whose it is, an assignee, a day, what is undone.

    Of each id its first ``characters``, or all.
    """
    if one.kind == "undo":
        return f"#{one.payload['sequence']}"
    pairs = [" = ".join(line[:characters] for line in pair) for pair in one.pairs]
    return ", ".join(pairs or map(str, one.payload.values()))
