"""Whom to look at today and why, and what was agreed with one customer so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from app.figures.marts import PinnedHome, rows
from decisions.decision import FOLLOW_UP, Decision, in_force

Rows = Sequence[Mapping[str, Any]]

Place = Literal["due", "waiting", "noted"]
PLACES: Final[tuple[Place, ...]] = ("due", "waiting", "noted")
"""To do today; spoken to lately; something was noted since the figures were made."""

ACTIONS: Final = (
    "call_about_promise",
    "call_about_returned_payment",
    "remind",
    "follow_up_dispute",
    "review_limit",
    "apply_credit",
)


@dataclass(frozen=True)
class Agreed:
    """What was said with a customer, and how far its reminders are."""

    promises: Rows
    disputes: Rows
    reminders: Rows
    """Late documents with their state of dunning, the last reminder and why."""


def worklist(home: PinnedHome) -> Rows:
    """``mart_collection_worklist`` with company_name and currency_code, the most urgent of each company first."""
    return rows(
        home,
        """
        SELECT worklist.*, coalesce(companies.name, company_id) AS company_name,
            companies.base_currency AS currency_code
        FROM mart_collection_worklist AS worklist JOIN dim_companies AS companies USING (company_id)
        ORDER BY is_due DESC, priority_score DESC, overdue_amount DESC, company_id, priority_rank
        """,
    )


def agreed(home: PinnedHome, third_party_id: str) -> Agreed:
    """Promises, disputes and reminders of a customer, the newest first."""
    of_party = {"id": third_party_id}
    return Agreed(
        promises=rows(
            home,
            "SELECT * EXCLUDE (as_of_date, company_id) FROM fct_promises WHERE third_party_id = $id "
            "ORDER BY promised_date DESC, promise_id",
            of_party,
        ),
        disputes=rows(
            home,
            "SELECT * EXCLUDE (as_of_date) FROM fct_disputes WHERE third_party_id = $id "
            "ORDER BY status <> 'open', opened_on DESC, dispute_id",
            of_party,
        ),
        reminders=rows(
            home,
            "SELECT document_ref, due_date, open_amount, state, last_level, last_sent_on, waiting_until_date, why_fr, "
            "why_en FROM fct_dunning_items WHERE third_party_id = $id ORDER BY due_date, document_ref, item_id",
            of_party,
        ),
    )


def dispute_parties(home: PinnedHome) -> Mapping[str, str]:
    """Dispute → its third party: what ends a dispute names that alone."""
    return {
        row["dispute_id"]: row["third_party_id"]
        for row in rows(home, "SELECT dispute_id, third_party_id FROM fct_disputes")
    }


def noted_since(
    decisions: Sequence[Decision], applied: int, parties: Mapping[str, str]
) -> Mapping[str, Decision]:
    """Third party → the newest that was noted about it since the marts were made."""
    noted = {}
    for one in in_force(decisions):
        if one.sequence > applied and one.kind in FOLLOW_UP:
            about = one.payload.get("third_party_id") or parties.get(str(one.payload.get("dispute_id")))
            noted[str(about)] = one
    return noted


def place_of(row: Mapping[str, Any], noted: Mapping[str, Decision]) -> Place:
    """Where a customer of the work list stands."""
    if row["third_party_id"] in noted:
        return "noted"
    return "due" if row["is_due"] else "waiting"
