"""The bank accounts that have reconciliation statements, and of which days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.figures.marts import PinnedHome, rows


@dataclass(frozen=True)
class StatementAccount:
    """A bank account; ``days`` are those it has statements of, the newest first."""

    bank_account_id: str
    company_name: str
    ledger_account: str | None
    number: str
    currency_code: str
    days: tuple[date, ...]


def statement_accounts(home: PinnedHome) -> Sequence[StatementAccount]:
    """Accounts with reconciliation statements, by company and ledger account."""
    found = rows(
        home,
        """
        SELECT bank_account_id, coalesce(companies.name, statements.company_id) AS company_name,
            statements.ledger_account, split_part(bank_account_id, '/', -1) AS number, currency_code,
            list(as_of_date ORDER BY as_of_date DESC) AS days
        FROM fct_bank_reconciliation_statements AS statements
            JOIN dim_companies AS companies ON statements.company_id = companies.company_id
        GROUP BY ALL ORDER BY 2, 3, 1
        """,
    )
    return [StatementAccount(**{**row, "days": tuple(row["days"])}) for row in found]
