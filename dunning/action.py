"""What is to be said to whom: a row of ``fct_dunning_actions`` with its documents and the state of the account."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

from documents.formats import BLANK, THIN
from documents.texts import Language

Tone = Literal["before_due", "courteous", "firm", "formal"]
TONES: Final[tuple[Tone, ...]] = ("before_due", "courteous", "firm", "formal")

ON_PAPER: Final = ("letter", "registered_letter")
"""Channels by which a printed letter goes."""


@dataclass(frozen=True)
class Item:
    """A document that a reminder asks for. ``level`` is its own, in a message that may speak for several; ``amount`` is
    what is asked for: what is open, without what is disputed or already received."""

    item_id: str
    document_ref: str
    document_date: date | None
    due_date: date | None
    days_past_due: int
    amount: Decimal
    level: int


@dataclass(frozen=True)
class Action:
    """One message to one customer. Amounts are in the company's currency."""

    action_id: str
    run_id: str
    as_of_date: date
    company_id: str
    company_name: str
    currency: str
    third_party_id: str
    customer_code: str
    customer_name: str
    vat_number: str | None
    level: int
    level_name: str
    channel: str
    tone: Tone
    language: Language
    email: str | None
    amount: Decimal
    penalties: Decimal
    compensation: Decimal
    is_rate_published: bool
    """Whether the penalties are reckoned with rates that are known, and not carried on from an earlier half-year."""
    credits: Decimal
    """Payments and credit notes that wait to be applied, as a positive amount."""
    oldest_days: int
    why: str
    items: Sequence[Item]
    account: Sequence[Mapping[str, Any]]
    """What is left on the customer's account when payments that were found are counted, as the letter counts them:
    rows of ``fct_open_items``, the oldest first."""
    buckets: Sequence[Mapping[str, Any]]
    """The rows of ``dim_ageing_buckets``, in their order."""

    @property
    def total(self) -> Decimal:
        """What is owed with penalties and compensation."""
        return self.amount + self.penalties + self.compensation


def clean(text: str | None) -> str:
    """A text of an untrusted file as one line without control characters, so that no header or line can be forged."""
    shown = (one if one.isprintable() or one in (BLANK, THIN) else " " for one in text or "")
    return re.sub(" +", " ", "".join(shown)).strip(" ")
