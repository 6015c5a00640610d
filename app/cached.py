"""Figures read once per run and shared by all sessions. What is shared is never changed by a page."""

from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar

import streamlit as st

from app.figures import (
    aged_balance,
    bank_accounts,
    cases,
    cash_plan,
    customer,
    forecast,
    hand_matching,
    indicators,
    overview,
    worklist,
)
from app.figures.marts import PinnedHome
from orchestration import explanation, reconciliation_statement

P = ParamSpec("P")
R = TypeVar("R")

KEPT: Final = 256
"""Answers kept of each question, of all runs."""


def _once(answer: Callable[P, R]) -> Callable[P, R]:
    by_release: dict[str | type[Any], Callable[[Any], Any]] = {
        PinnedHome: lambda home: str(home.release),
        cases.Case: lambda case: case.exception_id,
    }
    keep = st.cache_resource(max_entries=KEPT, show_spinner=False, hash_funcs=by_release)
    return keep(answer)


overview_of = _once(overview.overview)
companies = _once(overview.companies)
buckets = _once(overview.buckets)
third_parties = _once(aged_balance.third_parties)
documents = _once(aged_balance.documents)
known_third_parties = _once(customer.known)
settlements = _once(customer.settlements)
behaviour_of = _once(customer.behaviour)
lateness = _once(customer.lateness)
expected = _once(customer.expected)
worklist_of = _once(worklist.worklist)
agreed = _once(worklist.agreed)
dispute_parties = _once(worklist.dispute_parties)
indicators_of = _once(indicators.indicators)
forecast_groups = _once(forecast.groups)
weeks_ahead = _once(forecast.weeks_ahead)
past_weeks = _once(forecast.past_weeks)
forecast_record = _once(forecast.record)
cash_weeks = _once(cash_plan.weeks)
recurring_flows = _once(cash_plan.flows)
statement_accounts = _once(bank_accounts.statement_accounts)
cases_of = _once(cases.cases)
open_lines = _once(hand_matching.open_lines)


@_once
def explained(home: PinnedHome, exception_id: str) -> explanation.Explained:
    """What the marts know of an exception."""
    return explanation.explain(home, exception_id)


statement = _once(reconciliation_statement.reconciliation_statement)
