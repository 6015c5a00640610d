"""An explanation for people, and for programs: the rule in words, the evidence line by line, what would change it."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any, Final

from ingestion.formula_guard import guarded
from ingestion.schemas import DECISIONS
from orchestration.explanation import Explained, Line, Match
from orchestration.listing import SHORT_ID, Column, Language, Listing, plain
from orchestration.wording import column

Words = dict[Language, str]

COLUMNS: Final = tuple(name for name in DECISIONS.names if not name.startswith("source_"))
"""The columns of ``decisions.csv``."""

KINDS: Final[dict[str, Words]] = {
    "bank_line": {"en": "bank line", "fr": "ligne de banque"},
    "ledger_line": {"en": "ledger line", "fr": "écriture"},
    "item": {"en": "item", "fr": "pièce"},
}
SIDES: Final[dict[str, Words]] = {
    "payment": {"en": "payment", "fr": "paiement"},
    "document": {"en": "document", "fr": "pièce"},
}
STATES: Final[dict[str, Words]] = {
    "matched": {"en": "matched", "fr": "rapproché"},
    "proposed": {"en": "proposed", "fr": "proposé"},
}
RESIDUALS: Final[dict[str, Words]] = {
    "bank_fee": {"en": "bank fee", "fr": "frais bancaires"},
    "discount": {"en": "early-payment discount", "fr": "escompte"},
    "rounding": {"en": "rounding", "fr": "arrondi"},
    "exchange": {"en": "exchange difference", "fr": "écart de change"},
    "short_payment": {"en": "short payment", "fr": "payé en moins"},
    "over_payment": {"en": "over-payment", "fr": "payé en trop"},
    "unexplained": {"en": "unexplained", "fr": "inexpliqué"},
}
BASES: Final[dict[str, Words]] = {
    "iban": {"en": "its IBAN", "fr": "son IBAN"},
    "name": {"en": "its name", "fr": "son nom"},
    "alias": {"en": "an alias that was accepted", "fr": "un alias accepté"},
    "ledger": {"en": "the account that it is posted to", "fr": "le compte où il est passé"},
}
EVIDENCE: Final[dict[str, Words]] = {
    "reference": {"en": "The text names {value}.", "fr": "Le texte cite {value}."},
    "party_basis": {"en": "The payer is known by {value}.", "fr": "Le payeur est reconnu par {value}."},
    "name_similarity": {"en": "The names are alike to {value}.", "fr": "Les noms se ressemblent à {value}."},
    "margin": {
        "en": "The next best is behind by {value} (natural logarithm of the odds).",
        "fr": "Le suivant est derrière de {value} (logarithme naturel des chances).",
    },
    "decided_by": {"en": "Decided by {value}.", "fr": "Décidé par {value}."},
    "decided_on": {"en": "Decided on {value}.", "fr": "Décidé le {value}."},
}
"""Key of a match's evidence → the sentence that says it."""

COUNTED: Final[dict[str, tuple[Words, Words]]] = {
    "reference_frequency": (
        {"en": "That reference is on {value} document.", "fr": "Cette référence est sur {value} pièce."},
        {"en": "That reference is on {value} documents.", "fr": "Cette référence est sur {value} pièces."},
    ),
    "words_shared": (
        {"en": "{value} word of the name is the same.", "fr": "{value} mot du nom est le même."},
        {"en": "{value} words of the name are the same.", "fr": "{value} mots du nom sont les mêmes."},
    ),
    "words_compared": (
        {"en": "{value} word was compared.", "fr": "{value} mot a été comparé."},
        {"en": "{value} words were compared.", "fr": "{value} mots ont été comparés."},
    ),
    "days": (
        {"en": "{value} day lies between them.", "fr": "{value} jour les sépare."},
        {"en": "{value} days lie between them.", "fr": "{value} jours les séparent."},
    ),
    "alternatives": (
        {"en": "{value} other is as good.", "fr": "{value} autre est aussi bon."},
        {"en": "{value} others are as good.", "fr": "{value} autres sont aussi bons."},
    ),
    "accidents": (
        {
            "en": "By chance alone {value} such solution is expected.",
            "fr": "Le seul hasard donnerait {value} solution de ce genre.",
        },
        {
            "en": "By chance alone {value} such solutions are expected.",
            "fr": "Le seul hasard donnerait {value} solutions de ce genre.",
        },
    ),
    "pool_size": (
        {"en": "{value} document came into question.", "fr": "{value} pièce entrait en ligne de compte."},
        {"en": "{value} documents came into question.", "fr": "{value} pièces entraient en ligne de compte."},
    ),
}
"""The same for what is counted: the sentence of one, and that of several."""

LEAST_ACCIDENTS: Final = Decimal("0.0001")
MOST_ACCIDENTS: Final = 100
"""Below and above, the exact number of accidental solutions tells nothing."""

YOU: Final[Words] = {"en": "your name", "fr": "votre nom"}


def sections(explained: Explained, language: Language) -> Iterator[str | Listing]:
    """What is said, in order: paragraphs and tables."""
    for row in explained.exceptions:
        yield _exception_told(row, language)
    if explained.line is not None:
        title = {"en": "What it is about", "fr": "De quoi il s'agit"}[language]
        yield _lines_listed(
            title, [(KINDS[explained.line.kind][language], explained.line.amount, explained.line)], language
        )
    if explained.settlements:
        yield _settlements_listed(explained, language)
    for match in explained.matches:
        yield _match_told(match, language)
        yield _members_listed(match, language)
    if explained.alike:
        title = {
            "en": "Nothing is proposed; of the same amount on the other side",
            "fr": "Rien n'est proposé ; du même montant de l'autre côté",
        }[language]
        rows = [(KINDS[one.kind][language], one.amount, one) for one in explained.alike]
        yield _lines_listed(title, rows, language)
    if explained.others:
        yield {"en": "What else it may be:", "fr": "Ce que ce peut être aussi :"}[language]
        for match in explained.others:
            yield _match_told(match, language)
            yield _members_listed(match, language)
    if explained.line is not None and not explained.matches and not explained.exceptions:
        yield {
            "en": "No match holds it, and no exception speaks of it.",
            "fr": "Aucun rapprochement ne le prend, et aucune anomalie n'en parle.",
        }[language]
    yield from _change_told(explained, language)


def as_json(explained: Explained, language: Language) -> str:
    """The same for programs: one object; amounts are texts."""
    content = asdict(explained) | {"decisions": decisions(explained, language)}
    return json.dumps(content, default=str, ensure_ascii=False, indent=2) + "\n"


def decisions(explained: Explained, language: Language) -> list[dict[str, str]]:
    """Rows of ``decisions.csv`` that would change what is explained: accept what is proposed, reject what is not so."""
    rows = []
    for match in explained.matches:
        pairs = _pairs(match)
        verdicts = ("accept", "reject") if match.status == "proposed" else ("reject",)
        for verdict in verdicts:
            rows += [
                _decision(explained, match.company_id, verdict, match.id, pair, language) for pair in pairs
            ]
    line = explained.line
    if line is not None and not explained.matches and explained.exceptions:
        rows += [
            _decision(explained, line.company_id, "match", other or line.id, (line.id, other), language)
            for other in [one.id for one in explained.alike] or [""]
        ]
    return rows


def _decision(
    explained: Explained, company_id: str, verdict: str, about: str, pair: tuple[str, str], language: Language
) -> dict[str, str]:
    return dict.fromkeys(COLUMNS, "") | {
        "company_id": company_id,
        "decision": verdict,
        "decision_ref": f"{verdict}-{about[:8]}",
        "object_id": pair[0],
        "counterpart_id": pair[1],
        "decided_by": YOU[language],
        "decided_on": explained.known_at_date.isoformat(),
    }


def _pairs(match: Match) -> list[tuple[str, str]]:
    """Pairs of a payment and a document that hold all members together; of lines of one side that undo each other, the
    first with the others; none where one side is no line, but what the account opened with."""
    if any(member.line is None for member in match.members):
        return []
    payments = [member.object_id for member in match.members if member.side == "payment"]
    documents = [member.object_id for member in match.members if member.side == "document"]
    if not payments or not documents:
        first, *others = payments or documents
        return [(first, other) for other in others]
    return [(payments[0], document) for document in documents] + [
        (payment, documents[0]) for payment in payments[1:]
    ]


def _exception_told(row: dict[str, Any] | Any, language: Language) -> str:
    severity = column("severity", language).shown(row["severity"], language)
    days = row["age_days"]
    one = {"en": f"{days} day old", "fr": f"{days} jour"}
    several = {"en": f"{days} days old", "fr": f"{days} jours"}
    age = (one if is_singular(days, language) else several)[language]
    return f"{row[f'reason_{language}']} ({severity}, {age}; {row['exception_id']})\n{row[f'explanation_{language}']}"


def _match_told(match: Match, language: Language) -> str:
    state = STATES[match.status][language]
    score = f"{match.score:.2%}"
    head = {
        "en": f"Match {match.id}: {state} by the rule “{match.rule_label['en']}”",
        "fr": f"Rapprochement {match.id} : {state} par la règle « {match.rule_label['fr']} »",
    }[language]
    if match.rule != "decision":
        head += {
            "en": f", right in {score} of such cases",
            "fr": f", juste dans {score.replace('.', ',').replace('%', ' %')} de tels cas",
        }[language]
    lines = [f"{head}.", match.rule_explanation[language]]
    if match.residual_amount:
        reason = RESIDUALS.get(match.residual_reason or "", {}).get(language, match.residual_reason)
        paid, owed, left = (
            plain(amount, language)
            for amount in (match.payment_amount, match.document_amount, match.residual_amount)
        )
        lines.append(
            {
                "en": f"Paid {paid} for {owed}: {left} is left ({reason}).",
                "fr": f"Payé {paid} pour {owed} : il reste {left} ({reason}).",
            }[language]
        )
    lines += [f"  - {sentence}" for sentence in evidence_told(match, language)]
    return "\n".join(lines)


def evidence_told(match: Match, language: Language) -> Iterator[str]:
    """A sentence for each thing that speaks for a match, or against it."""
    for key, value in match.evidence.items():
        if key == "rule":
            continue
        if key in COUNTED:
            one, several = COUNTED[key]
            sentence = one if is_singular(value, language) else several
        elif key in EVIDENCE:
            sentence = EVIDENCE[key]
        else:
            yield f"{key}: {value}"
            continue
        yield sentence[language].format(value=_evidence_shown(key, value, language))


def is_singular(count: int | Decimal | None, language: Language) -> bool:
    """Whether what is counted stands in the singular: one in English, less than two in French."""
    if count is None:
        return False
    return -2 < count < 2 if language == "fr" else count in (-1, 1)


def _evidence_shown(key: str, value: Any, language: Language) -> str:
    """A figure of the evidence as people read it: a probability has no more digits than it means."""
    if key == "party_basis" and value in BASES:
        return BASES[value][language]
    if key == "days":
        return str(abs(int(value)))
    if not isinstance(value, Decimal):
        return str(value)
    if key == "accidents" and value < LEAST_ACCIDENTS:
        text = f"< {LEAST_ACCIDENTS}"
    elif key == "accidents" and value > MOST_ACCIDENTS:
        text = f"> {MOST_ACCIDENTS}"
    else:
        text = f"{value:.4f}".rstrip("0").rstrip(".")
    return text if language == "en" else text.replace(".", ",")


def _members_listed(match: Match, language: Language) -> Listing:
    title = " / ".join(plain(amount, language) for amount in (match.payment_amount, match.document_amount))
    rows = [
        (f"{SIDES[member.side][language]}", member.amount, member.line or member.object_id)
        for member in match.members
    ]
    return _lines_listed(title, rows, language)


def _lines_listed(title: str, rows: Sequence[tuple[str, Decimal, Line | str]], language: Language) -> Listing:
    columns = [
        Column("side", {"en": "Side", "fr": "Côté"}[language]),
        column("amount", language),
        Column("day", "Date"),
        Column("account", {"en": "Account", "fr": "Compte"}[language]),
        Column("reference", {"en": "Document", "fr": "Pièce"}[language]),
        Column("party", {"en": "Party", "fr": "Tiers"}[language]),
        Column("text", {"en": "Text", "fr": "Libellé"}[language]),
        Column("id", "Id", shown_characters=SHORT_ID),
    ]
    item_type = column("item_type", language)
    shown = [
        (side, amount, None, None, None, None, None, line)
        if isinstance(line, str)
        else (
            side,
            amount,
            line.day,
            line.account,
            line.reference,
            line.party,
            item_type.words.get(line.text or "", line.text) if line.kind == "item" else line.text,
            line.id,
        )
        for side, amount, line in rows
    ]
    return Listing(title, columns, shown)


def _settlements_listed(explained: Explained, language: Language) -> Listing:
    title = {"en": "Settled in the books", "fr": "Réglé dans les livres"}[language]
    columns = [
        column("document_ref", language),
        column("amount", language),
        Column("effective_date", "Date"),
        Column("settlement_kind", {"en": "Kind", "fr": "Nature"}[language]),
        Column("letter_code", {"en": "Lettering", "fr": "Lettrage"}[language]),
    ]
    return Listing(title, columns, [tuple(row.values()) for row in explained.settlements])


def _change_told(explained: Explained, language: Language) -> Iterator[str]:
    rows = decisions(explained, language)
    if not rows:
        return
    yield {
        "en": "What would change it: rows in a decisions.csv under inbox/. Keep those that are right, put in your "
        "name, and run encours refresh. Rows of one decision_ref are one decision.",
        "fr": "Ce qui le changerait : des lignes dans un decisions.csv sous inbox/. Gardez celles qui sont justes, "
        "mettez votre nom, et lancez encours refresh. Les lignes d'un même decision_ref sont une décision.",
    }[language]
    if any(row["decision"] == "match" and not row["counterpart_id"] for row in rows):
        yield {
            "en": "Nothing is proposed: put the id of the other side into counterpart_id.",
            "fr": "Rien n'est proposé : mettez l'identifiant de l'autre côté dans counterpart_id.",
        }[language]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([guarded(value) for value in row.values()] for row in rows)
    yield text.getvalue().rstrip("\n")
