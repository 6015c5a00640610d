"""The cash plan: thirteen weeks of each bank account, and the flows that come again and again."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.figures.marts import PinnedHome, rows

Rows = Sequence[Mapping[str, Any]]


def weeks(home: PinnedHome) -> Rows:
    """``fct_cash_plan`` with the account's ledger_account and number, week by week."""
    return rows(
        home,
        """
        SELECT plan.*, accounts.ledger_account, split_part(plan.bank_account_id, '/', -1) AS number
        FROM fct_cash_plan AS plan LEFT JOIN dim_bank_accounts AS accounts USING (bank_account_id)
        ORDER BY plan.company_id, ledger_account, plan.bank_account_id, week_number
        """,
    )


def flows(home: PinnedHome, bank_account_id: str) -> Rows:
    """The flows of an account that go on, the next one first."""
    return rows(
        home,
        """
        SELECT label, category, rhythm, typical_amount, next_expected_date, confidence, occurrence_count
        FROM fct_recurring_flows WHERE bank_account_id = $account AND is_expected
        ORDER BY next_expected_date, label
        """,
        {"account": bank_account_id},
    )
