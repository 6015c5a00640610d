"""Actions as the marts give them, made by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from dunning.action import Action, Item

BUCKETS = (
    {
        "ageing_bucket_code": "overdue_1",
        "label_fr": "Échu 1–30 j",
        "label_en": "1–30 d late",
        "is_overdue": True,
    },
    {"ageing_bucket_code": "unapplied", "label_fr": "Crédits", "label_en": "Credits", "is_overdue": False},
)


def item(number: int, *, amount: str = "1234.56", days: int = 21, level: int = 2) -> Item:
    return Item(
        item_id=f"item-{number}",
        document_ref=f"FA2026-{number:06d}",
        document_date=date(2026, 5, 10),
        due_date=date(2026, 6, 9),
        days_past_due=days,
        amount=Decimal(amount),
        level=level,
    )


def account_row(document: str, amount: str, bucket: str = "overdue_1") -> dict[str, Any]:
    return {
        "document_ref": document,
        "item_type": "invoice",
        "document_date": date(2026, 5, 10),
        "entry_date": date(2026, 5, 10),
        "due_date": date(2026, 6, 9),
        "original_amount": Decimal(amount),
        "open_amount": Decimal(amount),
        "disputed_amount": Decimal("0.00"),
        "days_past_due": 21,
        "ageing_bucket_code": bucket,
    }


def make_action(number: int = 1, **changes: Any) -> Action:
    """An action of one document of 1,234.56, 21 days late; keywords change it."""
    items = changes.get("items", [item(number)])
    made = Action(
        action_id=f"action{number:04d}",
        run_id="20260630T060000Z-abc123",
        as_of_date=date(2026, 6, 30),
        company_id="acme",
        company_name="Brindille Conseil",
        currency="EUR",
        third_party_id=f"acme/customer/C{number:05d}",
        customer_code=f"C{number:05d}",
        customer_name="Crêperie Cœur & Fils <Nantes>",
        vat_number=None,
        level=2,
        level_name="Relance ferme",
        channel="email",
        tone="firm",
        language="fr",
        email=f"customer{number}@creperie.example",
        amount=sum((one.amount for one in items), Decimal("0.00")),
        penalties=Decimal("0.00"),
        is_rate_published=True,
        compensation=Decimal("0.00"),
        credits=Decimal("0.00"),
        oldest_days=21,
        why="1 document, 1234.56 EUR",
        items=items,
        account=[account_row(one.document_ref, str(one.amount)) for one in items],
        buckets=BUCKETS,
    )
    return replace(made, **changes)
