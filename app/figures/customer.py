"""One third party: who it is, and how it has paid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.figures.marts import PinnedHome, rows

LAST_SETTLEMENTS = 50
"""Settlements that the page lists."""


@dataclass(frozen=True)
class ThirdParty:
    """A customer or supplier, with its company."""

    third_party_id: str
    company_id: str
    company_name: str
    currency_code: str
    kind: str
    code: str
    name: str
    agency: str | None
    sales_rep: str | None
    segment: str | None
    payment_terms: str | None
    credit_limit: Decimal | None
    siren: str | None
    vat_number: str | None
    email: str | None
    language: str | None


@dataclass(frozen=True)
class Habits:
    """How long it took to pay, over the year before the as-of date. None where nothing was paid."""

    days_to_pay: int | None
    paid_count: int


def known(home: PinnedHome) -> Sequence[ThirdParty]:
    """Every third party, those that owe or are owed most first."""
    found = rows(
        home,
        """
        SELECT third_party_id, parties.company_id, coalesce(companies.name, parties.company_id) AS company_name,
            companies.base_currency AS currency_code, kind, parties.third_party_code AS code,
            coalesce(parties.name, parties.third_party_code) AS name, parties.agency, parties.sales_rep,
            parties.segment, payment_terms, credit_limit, siren, vat_number, email, language
        FROM dim_third_parties AS parties
            JOIN dim_companies AS companies ON parties.company_id = companies.company_id
            LEFT JOIN mart_aged_balance AS balance USING (third_party_id)
        ORDER BY kind, abs(coalesce(total_amount, 0)) DESC, third_party_id
        """,
    )
    return [ThirdParty(**row) for row in found]


def habits(home: PinnedHome, third_party_id: str, as_of: date) -> Habits:
    """Days to pay, weighted by what was paid, of the year before ``as_of``."""
    [row] = rows(
        home,
        """
        SELECT CAST(round(sum(days_to_pay * amount) / nullif(sum(amount), 0)) AS INTEGER) AS days_to_pay,
            count(*) AS paid_count
        FROM fct_settlements
        WHERE third_party_id = $id AND status = 'booked' AND settlement_kind = 'payment' AND days_to_pay IS NOT NULL
            AND effective_date > CAST($as_of AS DATE) - INTERVAL 1 YEAR AND effective_date <= $as_of
        """,
        {"id": third_party_id, "as_of": as_of},
    )
    return Habits(**row)


def settlements(home: PinnedHome, third_party_id: str) -> Sequence[Mapping[str, Any]]:
    """What was settled last: effective_date, documents of both sides, amount, kind, status, days_to_pay."""
    return rows(
        home,
        """
        SELECT effective_date, debit_document_ref, credit_document_ref, amount, settlement_kind, status, days_to_pay
        FROM fct_settlements WHERE third_party_id = $id AND status <> 'proposed'
        ORDER BY effective_date DESC, settlement_id LIMIT $limit
        """,
        {"id": third_party_id, "limit": LAST_SETTLEMENTS},
    )
