"""What a line may be matched with by hand, and what such a match leaves over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

from app.figures.cases import Case
from app.figures.marts import PinnedHome, rows

Against = Literal["ledger", "bank", "documents"]

MOST_SHOWN: Final = 2_000
"""Lines offered at most, those nearest in amount."""


@dataclass(frozen=True)
class OpenLine:
    """A line that nothing settles yet. ``amount`` is signed as the bank signs it: money in is positive."""

    id: str
    day: date
    amount: Decimal
    currency_code: str
    account: str
    party: str | None
    reference: str | None
    text: str | None


BANK: Final = """
    SELECT bank_transaction_id AS id, booking_date AS day, CAST(lines.amount AS DECIMAL(18, 2)) AS amount,
        lines.currency_code, split_part(lines.bank_account_id, '/', -1) AS account, counterparty_name AS party,
        bank_entry_reference AS reference, remittance_text AS text
    FROM fct_reconciliation_exceptions AS exceptions
        JOIN fct_bank_transactions AS lines ON object_id = bank_transaction_id
    WHERE exceptions.side = 'bank' AND exceptions.company_id = $company
        AND (exceptions.account_code = $account OR exceptions.bank_account_id = $bank_account)
"""
LEDGER: Final = """
    SELECT ledger_line_id AS id, entry_date AS day, exceptions.amount, exceptions.currency_code,
        lines.account_code AS account, NULL AS party, lines.document_ref AS reference, label AS text
    FROM fct_reconciliation_exceptions AS exceptions
        JOIN fct_ledger_lines AS lines ON object_id = ledger_line_id
    WHERE exceptions.side = 'ledger' AND exceptions.company_id = $company
        AND (exceptions.account_code = $account OR exceptions.bank_account_id = $bank_account)
"""
DOCUMENTS: Final = """
    SELECT item_id AS id, coalesce(due_date, entry_date) AS day,
        CASE ledger_side WHEN 'receivable' THEN projected_open_amount ELSE -projected_open_amount END AS amount,
        dim_companies.base_currency AS currency_code, account_code AS account,
        coalesce(parties.name, third_party_code) AS party, document_ref AS reference, item_type AS text
    FROM fct_open_items AS items
        JOIN dim_companies USING (company_id)
        JOIN dim_third_parties AS parties USING (third_party_id)
    WHERE items.company_id = $company AND projected_open_amount <> 0
        AND ($third_party IS NULL OR third_party_id = $third_party)
"""
QUERIES: Final = {"bank": BANK, "ledger": LEDGER, "documents": DOCUMENTS}


def is_matchable(case: Case) -> bool:
    """Whether the case is about a line that can be matched."""
    return case.is_line and case.amount is not None


def own_side(case: Case) -> Against:
    """Where the case's own line, and others to be matched together with it, come from."""
    return {"bank": "bank", "ledger": "ledger"}.get(case.side, "documents")  # type: ignore[return-value]


def other_sides(case: Case) -> tuple[Against, ...]:
    """What a case's line can be matched with."""
    return {"bank": ("ledger", "documents"), "ledger": ("bank",)}.get(case.side, ("documents",))  # type: ignore[return-value]


def open_lines(home: PinnedHome, case: Case, against: Against) -> Sequence[OpenLine]:
    """The open lines of one kind that the case's line may belong to, those nearest in amount first.

    They are in the currency of the case: amounts of two currencies have no difference.
    """
    values: dict[str, Any] = {
        "company": case.company_id,
        "currency": case.currency_code,
        "near": case.amount,
        "limit": MOST_SHOWN,
    }
    if against == "documents":
        # A receipt may be anybody's; a payment that the ledger has applied to nobody is its own third party's.
        values["third_party"] = case.third_party_id if case.side == "receivable" else None
    else:
        values |= {"account": case.account_code, "bank_account": case.bank_account_id}
    found = rows(
        home,
        f"FROM ({QUERIES[against]}) WHERE currency_code = $currency "
        "ORDER BY abs(amount - $near), day, id LIMIT $limit",
        values,
    )
    return [OpenLine(**row) for row in found]


def total(lines: Iterable[OpenLine]) -> Decimal:
    """The sum of lines, to the cent."""
    return sum((line.amount for line in lines), Decimal("0.00"))
