"""The bank reconciliation statement of one account at one date, from the published marts. Reads only."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

import duckdb

from home.layout import Home
from orchestration.errors import NoReconciliationStatementError, UnknownBankAccountError
from orchestration.listing import Language, Listing, Value
from orchestration.queries import published
from orchestration.wording import CODES, column

NAMES: Final = (
    "side",
    "category",
    "object_date",
    "label",
    "counterparty_name",
    "reference",
    "amount",
    "cleared_on",
    "age_days",
    "currency_code",
    "object_id",
    "match_id",
)
HIDDEN: Final = {"age_days", "currency_code", "object_id", "match_id"}
DETAILS: Final = {"counterparty_name", "reference", "cleared_on"}

CENT: Final = Decimal("0.01")


@dataclass(frozen=True)
class _Account:
    bank_account_id: str
    company_id: str
    number: str
    ledger_account: str | None
    currency_code: str

    @property
    def reconciled_by(self) -> tuple[str, ...]:
        """The same for accounts of one currency that one ledger account mirrors: they are reconciled together."""
        if self.ledger_account is None:
            return (self.bank_account_id,)
        return (self.company_id, self.ledger_account, self.currency_code)


def reconciliation_statement(
    home: Home, account: str, as_of: date | None = None, language: Language = "en"
) -> Listing:
    """Both balances of a bank account, what each side lacks, the adjusted balances and their difference.

    The rows of the side ``bank`` go from the balance at the bank (category ``balance``) over what is not there yet to
    its ``adjusted_balance``; those of the side ``ledger`` likewise; the last row is the ``difference`` of the two.
    Amounts are in the account's currency, money in positive.

    ``account`` is an id (company/number), an IBAN or number, a ledger account, or a part of one. ``as_of`` is a
    month-end or the date of the marts, which is the default. Raises UnknownBankAccountError when no account or several
    answer, NoReconciliationStatementError when the account has none at that date, and NothingPublishedError.
    """
    with published(home) as connection:
        found = _account(connection, account)
        reconciled, day = _dated(connection, found, as_of)
        key = [reconciled, day]
        head = connection.execute(
            "SELECT bank_balance, adjusted_bank_balance, ledger_balance, adjusted_ledger_balance, difference, "
            "last_statement_date FROM fct_bank_reconciliation_statements "
            "WHERE bank_account_id = ? AND as_of_date = ?",
            key,
        ).fetchone()
        assert head is not None, "the date was taken from this mart"
        bank, adjusted_bank, ledger, adjusted_ledger, difference, last_statement_date = head
        items = connection.execute(
            f"""
            WITH lines AS (
                SELECT match_id, first(transactions ORDER BY bank_transaction_id) AS line
                FROM fct_bank_match_members AS members
                INNER JOIN fct_bank_transactions AS transactions
                    ON members.object_id = transactions.bank_transaction_id
                WHERE members.side = 'bank'
                GROUP BY match_id
            )
            SELECT
                items.adjusted_side,
                items.category,
                items.object_date,
                coalesce(items.label, lines.line.remittance_text, items.explanation_{language}),
                coalesce(items.counterparty_name, lines.line.counterparty_name),
                coalesce(items.reference, lines.line.bank_entry_reference),
                items.amount,
                items.cleared_on,
                items.age_days,
                items.currency_code,
                items.object_id,
                items.match_id,
                items.residual_reason
            FROM fct_bank_reconciliation_statement_items AS items
            LEFT JOIN lines ON items.match_id = lines.match_id AND items.category = 'residual'
            WHERE items.bank_account_id = ? AND items.as_of_date = ?
            ORDER BY items.category, items.object_date, items.amount, items.object_id
            """,
            key,
        ).fetchall()

    def total(side: str | None, category: str, amount: Decimal) -> tuple[Value, ...]:
        values = {"side": side, "category": category, "object_date": day, "amount": _exact(amount)}
        values["currency_code"] = found.currency_code
        return tuple(values.get(name) for name in NAMES)

    rows: list[tuple[Value, ...]] = []
    for side, balance, adjusted in (("bank", bank, adjusted_bank), ("ledger", ledger, adjusted_ledger)):
        rows.append(total(side, "balance", balance))
        rows += [_item(item, language) for item in items if item[0] == side]
        rows.append(total(side, "adjusted_balance", adjusted))
    rows.append(total(None, "difference", difference))
    names = f"{found.company_id}, {found.number}, {found.ledger_account}"
    title = {
        "en": f"Bank reconciliation statement as of {day}: {names}, in {found.currency_code}",
        "fr": f"État de rapprochement au {day} : {names}, en {found.currency_code}",
    }[language]
    remark = ""
    if last_statement_date < day:
        remark = {
            "en": f"The bank's statements end on {last_statement_date}.",
            "fr": f"Les relevés de la banque s'arrêtent au {last_statement_date}.",
        }[language]
    columns = [column(name, language, is_hidden=name in HIDDEN, is_detail=name in DETAILS) for name in NAMES]
    return Listing(title, columns, rows, remark)


def _item(row: Sequence[Value], language: Language) -> tuple[Value, ...]:
    """An item; where it is what a match differs by, its reason goes before the text of the bank line."""
    *values, reason = row
    if isinstance(reason, str):
        word = CODES["residual_reason"].get(reason, {}).get(language, reason)
        values[NAMES.index("label")] = " · ".join(
            str(part) for part in (word, values[NAMES.index("label")]) if part
        )
    amount = values[NAMES.index("amount")]
    assert isinstance(amount, Decimal)
    values[NAMES.index("amount")] = _exact(amount)
    return tuple(values)


def _exact(amount: Decimal) -> Decimal:
    """The amount with two decimals, or with as many as it has."""
    cents = amount.quantize(CENT)
    return cents if cents == amount else amount.normalize()


def _account(connection: duckdb.DuckDBPyConnection, wanted: str) -> _Account:
    """The one bank account that ``wanted`` names."""
    accounts = [
        _Account(*row)
        for row in connection.execute(
            "SELECT bank_account_id, company_id, iban, ledger_account, currency_code FROM dim_bank_accounts "
            "ORDER BY bank_account_id"
        ).fetchall()
    ]
    low = wanted.casefold()
    plain = "".join(low.split())
    found = (
        [one for one in accounts if one.bank_account_id.casefold() == low]
        or [one for one in accounts if one.number.casefold() == plain]
        or [one for one in accounts if one.ledger_account and one.ledger_account.casefold() == plain]
        or [
            one
            for one in accounts
            if plain
            and (plain in one.bank_account_id.casefold() or plain in (one.ledger_account or "").casefold())
        ]
    )
    if found and len({one.reconciled_by for one in found}) == 1:
        return found[0]
    if found:
        some = ", ".join(one.bank_account_id for one in found[:5])
        raise UnknownBankAccountError(
            f"{len(found)} bank accounts answer to {wanted}; name one by its id: {some}."
        )
    if not accounts:
        raise UnknownBankAccountError(
            "no bank account is known yet; drop a bank statement into the inbox and run encours refresh."
        )
    known = [
        text for one in accounts for text in (one.bank_account_id, one.number, one.ledger_account) if text
    ]
    near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5) or [
        one.bank_account_id for one in accounts[:5]
    ]
    raise UnknownBankAccountError(f"no bank account answers to {wanted}; known are {', '.join(near)}.")


def _dated(connection: duckdb.DuckDBPyConnection, account: _Account, as_of: date | None) -> tuple[str, date]:
    """The account that the statement stands under, and its date: ``as_of``, else the latest.

    Accounts of one currency that one ledger account mirrors are reconciled together, under the first of them.
    """
    rows: list[tuple[str, date]] = connection.execute(
        "SELECT bank_account_id, as_of_date FROM fct_bank_reconciliation_statements "
        "WHERE company_id = ? AND ledger_account = ? AND currency_code = ? ORDER BY as_of_date",
        [account.company_id, account.ledger_account, account.currency_code],
    ).fetchall()
    if not rows:
        lacking = (
            "no ledger account mirrors it; name one in encours.toml under [[bank_accounts]]"
            if account.ledger_account is None
            else "it needs a ledger of its company and a statement that tells its balance"
        )
        raise NoReconciliationStatementError(
            f"{account.bank_account_id} has no reconciliation statement: {lacking}."
        )
    if as_of is None:
        return rows[-1]
    for row in rows:
        if row[1] == as_of:
            return row
    days = [day for _, day in rows]
    near = min(days, key=lambda day: abs(day - as_of))
    raise NoReconciliationStatementError(
        f"{account.bank_account_id} has no statement as of {as_of}: there is one at each month-end from {days[0]} to "
        f"{days[-1]}, the nearest as of {near}."
    )
