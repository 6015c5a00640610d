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
    "age_days": {"en": "Age (d)", "fr": "Âge (j)"},
    "exception_id": {"en": "Id", "fr": "Id"},
    "category": {"en": "What", "fr": "Nature"},
    "object_date": {"en": "Date", "fr": "Date"},
    "label": {"en": "Text", "fr": "Libellé"},
    "counterparty_name": {"en": "Other side", "fr": "Contrepartie"},
    "reference": {"en": "Reference", "fr": "Référence"},
    "level_name": {"en": "Reminder", "fr": "Relance"},
    "channel": {"en": "By", "fr": "Par"},
    "outcome": {"en": "State", "fr": "État"},
    "detail": {"en": "Because", "fr": "Parce que"},
    "why": {"en": "Why", "fr": "Pourquoi"},
    "action_id": {"en": "Id", "fr": "Id"},
    "message_id": {"en": "Message-ID", "fr": "Message-ID"},
    "recipient": {"en": "To", "fr": "À"},
    "subject": {"en": "Subject", "fr": "Objet"},
    "intended_at": {"en": "At (UTC)", "fr": "Le (UTC)"},
    "cleared_on": {"en": "Clears on", "fr": "Soldé le"},
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
        "info": {"en": "info", "fr": "info"},
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
    "side": {
        "bank": {"en": "At the bank", "fr": "À la banque"},
        "ledger": {"en": "In the books", "fr": "Dans les livres"},
    },
    "category": {
        "balance": {"en": "balance", "fr": "solde"},
        "ledger_not_at_bank": {"en": "not at the bank", "fr": "absent de la banque"},
        "bank_not_in_ledger": {"en": "not in the books", "fr": "absent des livres"},
        "residual": {"en": "difference of a match", "fr": "écart de rapprochement"},
        "statement_gap": {"en": "not on a statement", "fr": "hors relevé"},
        "ledger_gap": {"en": "opening entries", "fr": "à-nouveaux"},
        "opening_unreconciled": {"en": "opening difference", "fr": "écart d'ouverture"},
        "adjusted_balance": {"en": "adjusted balance", "fr": "solde rectifié"},
        "difference": {"en": "difference", "fr": "écart"},
    },
    "channel": {
        "email": {"en": "e-mail", "fr": "courriel"},
        "letter": {"en": "letter", "fr": "courrier"},
        "registered_letter": {"en": "registered letter", "fr": "recommandé"},
        "phone": {"en": "call", "fr": "appel"},
    },
    "outcome": {
        "to_do": {"en": "to do", "fr": "à faire"},
        "sent": {"en": "done", "fr": "fait"},
        "failed": {"en": "failed", "fr": "échec"},
        "unknown": {"en": "unknown", "fr": "inconnu"},
    },
    "residual_reason": {
        "bank_fee": {"en": "bank fee", "fr": "frais bancaires"},
        "discount": {"en": "discount", "fr": "escompte"},
        "rounding": {"en": "rounding", "fr": "arrondi"},
        "exchange": {"en": "exchange difference", "fr": "écart de change"},
        "short_payment": {"en": "short payment", "fr": "moins-perçu"},
        "over_payment": {"en": "over-payment", "fr": "trop-perçu"},
        "unexplained": {"en": "unexplained", "fr": "inexpliqué"},
    },
}
"""Column → code → what it is called."""


def column(name: str, language: Language, *, is_hidden: bool = False, is_detail: bool = False) -> Column:
    """The column ``name`` with its heading and the words for its codes."""
    return Column(
        name,
        HEADINGS.get(name, {}).get(language, name),
        is_hidden,
        is_detail,
        words={code: words[language] for code, words in CODES.get(name, {}).items()},
    )
