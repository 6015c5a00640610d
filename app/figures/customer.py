"""One third party: who it is, and how it has paid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


def behaviour(home: PinnedHome, third_party_id: str) -> Mapping[str, Any] | None:
    """The payment record at the run's own date: a row of ``fct_payment_behaviour``; None for who has none."""
    found = rows(
        home,
        """
        SELECT * FROM fct_payment_behaviour
        WHERE third_party_id = $id AND as_of_date = (SELECT as_of_date FROM dim_runs WHERE is_current)
        """,
        {"id": third_party_id},
    )
    return found[0] if found else None


def lateness(home: PinnedHome, third_party_id: str) -> Sequence[Mapping[str, Any]]:
    """as_of_date, weighted_days_to_pay and weighted_days_late of the twelve months up to each date, oldest first."""
    return rows(
        home,
        """
        SELECT as_of_date, weighted_days_to_pay, weighted_days_late FROM fct_payment_behaviour
        WHERE third_party_id = $id ORDER BY as_of_date
        """,
        {"id": third_party_id},
    )


def expected(home: PinnedHome, third_party_id: str) -> Sequence[Mapping[str, Any]]:
    """What the customer is expected to pay: week_number, week_start_date, week_end_date, expected; 14 is later."""
    return rows(
        home,
        """
        SELECT week_number, week_start_date, week_end_date, sum(expected_amount) AS expected
        FROM fct_collection_forecast WHERE third_party_id = $id GROUP BY ALL ORDER BY week_number
        """,
        {"id": third_party_id},
    )


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
