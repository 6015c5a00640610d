"""What columns and codes are called on the screen, in each language. Programs are given the codes themselves."""

from typing import Final

from orchestration.listing import Column, Language

HEADINGS: Final[dict[str, dict[Language, str]]] = {
    "company_id": {"en": "Company", "fr": "Société"},
    "ledger_side": {"en": "Side", "fr": "Côté"},
    "third_party_code": {"en": "Code", "fr": "Code"},
    "name": {"en": "Third party", "fr": "Tiers"},
    "total_amount": {"en": "Total", "fr": "Total"},
    "overdue_amount": {"en": "Overdue", "fr": "Échu"},
    "document_ref": {"en": "Document", "fr": "Pièce"},
    "item_type": {"en": "Type", "fr": "Nature"},
    "document_date": {"en": "Dated", "fr": "Date"},
    "due_date": {"en": "Due", "fr": "Échéance"},
    "original_amount": {"en": "Amount", "fr": "Montant"},
    "open_amount": {"en": "Open", "fr": "Reste dû"},
    "days_past_due": {"en": "Days late", "fr": "Retard (j)"},
    "severity": {"en": "Severity", "fr": "Gravité"},
    "reason": {"en": "Reason", "fr": "Motif"},
    "amount": {"en": "Amount", "fr": "Montant"},
    "explanation": {"en": "What", "fr": "Quoi"},
    "first_seen_date": {"en": "Since", "fr": "Depuis"},
}

CODES: Final[dict[str, dict[str, dict[Language, str]]]] = {
    "ledger_side": {
        "receivable": {"en": "customers", "fr": "clients"},
        "payable": {"en": "suppliers", "fr": "fournisseurs"},
    },
    "severity": {
        "high": {"en": "high", "fr": "haute"},
        "medium": {"en": "medium", "fr": "moyenne"},
        "low": {"en": "low", "fr": "faible"},
    },
    "item_type": {
        "invoice": {"en": "invoice", "fr": "facture"},
        "credit_note": {"en": "credit note", "fr": "avoir"},
        "payment": {"en": "payment", "fr": "règlement"},
        "advance": {"en": "advance", "fr": "acompte"},
        "transfer": {"en": "transfer", "fr": "transfert"},
        "write_off": {"en": "write-off", "fr": "perte"},
        "opening": {"en": "opening", "fr": "à-nouveau"},
        "other": {"en": "other", "fr": "autre"},
    },
}
"""Column → code → what it is called."""


def column(name: str, language: Language, *, is_hidden: bool = False) -> Column:
    """The column ``name`` with its heading and the words for its codes."""
    return Column(
        name,
        HEADINGS.get(name, {}).get(language, name),
        is_hidden,
        words={code: words[language] for code, words in CODES.get(name, {}).items()},
    )
