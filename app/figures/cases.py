"""The exceptions as cases to decide: what each is about, what is proposed, in which order they deserve a look."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

from app.figures.marts import PinnedHome, rows

Order = Literal["risk", "amount", "age"]
ORDERS: Final[tuple[Order, ...]] = ("risk", "amount", "age")
SEVERITIES: Final = ("high", "medium", "low", "info")

RISK_DAYS: Final = 90
"""An amount this old counts twice: what nobody explained in a quarter seldom explains itself."""


@dataclass(frozen=True)
class Proposal:
    """A match that the engine proposes. ``score`` is how often such a proposal is right."""

    match_id: str
    rule: str
    score: Decimal
    residual: Decimal
    residual_reason: str | None
    payments: tuple[str, ...]
    documents: tuple[str, ...]

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """What is decided when it is accepted or rejected: see ``paired``."""
        return paired(self.payments, self.documents)


def paired(some: Sequence[str], others: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Pairs of ids that hold all together: the first of each side with all of the other. Lines of one side that undo
    each other are the first with the rest."""
    if not some or not others:
        first, *rest = some or others
        return tuple((first, one) for one in rest)
    return tuple((some[0], other) for other in others) + tuple((one, others[0]) for one in some[1:])


@dataclass(frozen=True)
class Case:
    """An exception with what people need to recognise it."""

    exception_id: str
    company_id: str | None
    company_name: str | None
    side: str
    object_id: str | None
    bank_account_id: str | None
    account_code: str | None
    reason_code: str
    reason_fr: str
    reason_en: str
    amount: Decimal | None
    currency_code: str | None
    age_days: int
    severity: str
    explanation_fr: str
    explanation_en: str
    first_seen_date: date
    third_party_id: str | None
    party: str | None
    text: str | None
    is_line: bool
    """Whether it is about a line or an item, which can be matched, and not about a file or what a match leaves over."""
    suggestion: str | None
    proposals: tuple[Proposal, ...]

    @property
    def account(self) -> str | None:
        """The ledger account, else the number of the bank account."""
        return self.account_code or (self.bank_account_id or "").rpartition("/")[2] or None

    @property
    def risk(self) -> tuple[int, Decimal]:
        """Severity, then the amount weighted by its age; the greatest first. What has no amount may hold any."""
        weighed = (
            Decimal("Infinity")
            if self.amount is None
            else abs(self.amount) * (RISK_DAYS + max(self.age_days, 0)) / RISK_DAYS
        )
        return -SEVERITIES.index(self.severity), weighed

    @property
    def best(self) -> Proposal | None:
        """The one proposal that is better than all others; None where there is none, or several are equal."""
        if not self.proposals:
            return None
        first, *others = self.proposals
        return None if any(other.score == first.score for other in others) else first

    @property
    def likeness(self) -> tuple[object, ...]:
        """Equal for cases that one judgement settles: same reason, account, direction, rule and kind of residual."""
        best = self.best
        return (
            self.company_id,
            self.reason_code,
            self.side,
            self.account,
            None if self.amount is None else self.amount >= 0,
            (best.rule, best.residual_reason) if best else None,
        )


def cases(home: PinnedHome) -> Sequence[Case]:
    """Every exception of the pinned run, in no order of importance."""
    found = rows(
        home,
        """
        SELECT exception_id, exceptions.company_id, coalesce(companies.name, exceptions.company_id) AS company_name,
            exceptions.side, object_id, exceptions.bank_account_id, exceptions.account_code, reason_code, reason_fr,
            reason_en, exceptions.amount, exceptions.currency_code, age_days, exceptions.severity, explanation_fr,
            explanation_en, first_seen_date, coalesce(items.third_party_id, entries.third_party_id) AS third_party_id,
            coalesce(
                bank.counterparty_name, parties.name, parties.third_party_code, matched.counterparty_name
            ) AS party,
            CASE
                WHEN exceptions.side = 'file' THEN split_part(object_id, '/', -1)
                ELSE coalesce(bank.remittance_text, items.document_ref, entries.label, matched.remittance_text)
            END AS text,
            coalesce(bank.bank_transaction_id, items.item_id, entries.ledger_line_id) IS NOT NULL AS is_line,
            suggestion
        FROM fct_reconciliation_exceptions AS exceptions
            LEFT JOIN dim_companies AS companies ON exceptions.company_id = companies.company_id
            LEFT JOIN fct_bank_transactions AS bank ON object_id = bank.bank_transaction_id
            LEFT JOIN fct_items AS items ON object_id = items.item_id
            LEFT JOIN fct_ledger_lines AS entries ON object_id = entries.ledger_line_id
            LEFT JOIN (
                SELECT match_id, first(remittance_text ORDER BY bank_transaction_id) AS remittance_text,
                    first(counterparty_name ORDER BY bank_transaction_id) AS counterparty_name
                FROM fct_bank_match_members JOIN fct_bank_transactions ON object_id = bank_transaction_id
                WHERE side = 'bank' GROUP BY match_id
            ) AS matched ON object_id = matched.match_id
            LEFT JOIN dim_third_parties AS parties
                ON coalesce(items.third_party_id, entries.third_party_id) = parties.third_party_id
        ORDER BY exception_id
        """,
    )
    return [Case(**row, proposals=_proposals(row["suggestion"])) for row in found]


def ordered(found: Sequence[Case], order: Order) -> list[Case]:
    """The cases, the most pressing first."""
    if order == "risk":
        return sorted(found, key=lambda case: (case.risk, case.exception_id), reverse=True)
    if order == "age":
        return sorted(found, key=lambda case: (-case.age_days, -_size(case), case.exception_id))
    return sorted(found, key=lambda case: (-_size(case), case.exception_id))


def _size(case: Case) -> Decimal:
    return Decimal(0) if case.amount is None else abs(case.amount)


def _proposals(suggestion: str | None) -> tuple[Proposal, ...]:
    return tuple(
        Proposal(
            match_id=one["match_id"],
            rule=one["rule"],
            score=one["score"],
            residual=Decimal(one["residual"]),
            residual_reason=one["residual_reason"],
            payments=_members(one, "payment"),
            documents=_members(one, "document"),
        )
        for one in json.loads(suggestion or "[]", parse_float=Decimal, parse_int=Decimal)
        if one["status"] == "proposed"
    )


def _members(proposal: Mapping[str, Any], side: str) -> tuple[str, ...]:
    return tuple(member["object_id"] for member in proposal["members"] if member["side"] == side)
