"""Why a match or an exception: what the published marts know of one id. Reads only; ``explanation_text`` says it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

import duckdb

from home.layout import Home
from orchestration.errors import UnknownIdError
from orchestration.queries import published

Kind = Literal["exception", "match", "bank_line", "item", "ledger_line"]

SHORTEST_PREFIX: Final = 6
"""An id may be cut, but not to fewer characters."""

OTHERS_SHOWN: Final = 5
"""Other matches of the same payments, or lines of the same amount, at most."""

PLACES: Final[tuple[tuple[Kind, str, str], ...]] = (
    ("exception", "fct_reconciliation_exceptions", "exception_id"),
    ("match", "fct_bank_matches", "match_id"),
    ("match", "fct_item_matches", "match_id"),
    ("bank_line", "fct_bank_transactions", "bank_transaction_id"),
    ("item", "fct_items", "item_id"),
    ("ledger_line", "fct_ledger_lines", "ledger_line_id"),
)
"""Where an id is looked for. An item that is a whole ledger line has the line's id: it is the item that is meant."""

LINES: Final = """
    SELECT 'bank_line' AS kind, bank_transaction_id AS id, company_id, booking_date AS day,
        CAST(amount AS DECIMAL(18, 2)) AS amount, currency_code,
        split_part(bank_account_id, '/', -1) AS account,
        counterparty_name AS party, bank_entry_reference AS reference, remittance_text AS text
    FROM fct_bank_transactions WHERE list_contains($ids, bank_transaction_id)
    UNION ALL
    SELECT 'item', item_id, company_id, entry_date, original_amount, dim_companies.base_currency, account_code,
        coalesce(parties.name, third_party_code), document_ref, item_type
    FROM fct_items JOIN dim_companies USING (company_id)
        LEFT JOIN dim_third_parties AS parties USING (third_party_id)
    WHERE list_contains($ids, item_id)
    UNION ALL
    SELECT 'ledger_line', ledger_line_id, company_id, entry_date, CAST(debit - credit AS DECIMAL(18, 2)),
        dim_companies.base_currency, account_code, NULL, document_ref, label
    FROM fct_ledger_lines AS lines JOIN dim_companies USING (company_id)
    WHERE list_contains($ids, ledger_line_id)
        AND NOT EXISTS (SELECT 1 FROM fct_items WHERE item_id = lines.ledger_line_id)
"""

MATCHES: Final = """
    SELECT match_id, 'bank' AS use, company_id, match_status, match_rule, match_score, match_cardinality,
        bank_amount AS payment_amount, ledger_amount AS document_amount, residual_amount, residual_reason, evidence,
        label_fr, label_en, explanation_fr, explanation_en
    FROM fct_bank_matches JOIN dim_match_rules AS rules USING (match_rule) WHERE list_contains($ids, match_id)
    UNION ALL
    SELECT match_id, use, company_id, match_status, match_rule, match_score, match_cardinality,
        payment_amount, document_amount, residual_amount, residual_reason, evidence,
        label_fr, label_en, explanation_fr, explanation_en
    FROM fct_item_matches JOIN dim_match_rules AS rules USING (match_rule) WHERE list_contains($ids, match_id)
"""

MEMBERS: Final = """
    SELECT match_id, CASE side WHEN 'bank' THEN 'payment' ELSE 'document' END AS side, object_id, amount
    FROM fct_bank_match_members
    UNION ALL SELECT match_id, side, object_id, amount FROM fct_item_match_members
"""


@dataclass(frozen=True)
class Line:
    """A bank line, a ledger line or an item. ``amount`` is signed: money in, debits and what is owed are positive."""

    kind: Kind
    id: str
    company_id: str
    day: date
    amount: Decimal
    currency_code: str | None
    account: str
    party: str | None
    reference: str | None
    text: str | None


@dataclass(frozen=True)
class Member:
    """A line in a match, with the amount of it that the match takes."""

    side: Literal["payment", "document"]
    object_id: str
    amount: Decimal
    line: Line | None
    """None for what stands for no line: what a bank account held before its first statement."""


@dataclass(frozen=True)
class Match:
    """A match group with its evidence."""

    id: str
    use: Literal["bank", "lettering", "receipt"]
    company_id: str
    status: Literal["matched", "proposed"]
    rule: str
    rule_label: Mapping[str, str]
    rule_explanation: Mapping[str, str]
    """Language → what the rule asks for."""
    score: Decimal
    cardinality: str
    payment_amount: Decimal
    document_amount: Decimal
    residual_amount: Decimal
    residual_reason: str | None
    evidence: Mapping[str, Any]
    members: Sequence[Member]


@dataclass(frozen=True)
class Explained:
    """What the marts know of one id."""

    kind: Kind
    id: str
    known_at_date: date
    exceptions: Sequence[Mapping[str, Any]]
    """Rows of ``fct_reconciliation_exceptions``: of the id, or of what it is about."""
    line: Line | None
    """The line that the id, or the exception, is about."""
    matches: Sequence[Match]
    """The match, or the matches that hold the line: matched ones first, then proposals, best first."""
    others: Sequence[Match]
    """What else the payments of the match may be."""
    alike: Sequence[Line]
    """Where nothing is proposed: what the other side leaves of the same amount on the account, the nearest first."""
    settlements: Sequence[Mapping[str, Any]]
    """What the books say of the line: document on the other side, amount, day and kind, oldest first."""


def explain(home: Home, wanted: str) -> Explained:
    """What is known of an exception, match, bank line, ledger line or item, named by its id or the beginning of it.

    Raises UnknownIdError when nothing answers to it, or several things do, and NothingPublishedError.
    """
    with published(home) as connection:
        kind, found = _resolve(connection, wanted.strip().lower())
        return _explained(connection, kind, found)


def _resolve(connection: duckdb.DuckDBPyConnection, wanted: str) -> tuple[Kind, str]:
    if len(wanted) < SHORTEST_PREFIX:
        raise UnknownIdError(
            f"{wanted}: an id has at least {SHORTEST_PREFIX} characters here; write more of it."
        )
    for test in ("lower({id}) = ?", "starts_with(lower({id}), ?)"):
        found: dict[str, Kind] = {}
        for kind, mart, name in PLACES:
            rows = connection.execute(
                f"SELECT {name} FROM {mart} WHERE {test.format(id=name)} ORDER BY 1 LIMIT 6", [wanted]
            ).fetchall()
            for (one,) in rows:
                found.setdefault(one, kind)
        if len(found) == 1:
            [(one, kind)] = found.items()
            return kind, one
        if found:
            named = ", ".join(f"{one} ({kind.replace('_', ' ')})" for one, kind in list(found.items())[:5])
            raise UnknownIdError(f"several things begin with {wanted}: {named}; write more of the id.")
    raise UnknownIdError(
        f"nothing has the id {wanted}; encours exceptions --format csv shows the ids of exceptions and of what they "
        "are about."
    )


def _explained(connection: duckdb.DuckDBPyConnection, kind: Kind, found: str) -> Explained:
    about = found
    exceptions = _rows(
        connection,
        "SELECT * FROM fct_reconciliation_exceptions WHERE exception_id = $id OR object_id = $id ORDER BY exception_id",
        {"id": found},
    )
    if kind == "exception":
        about = exceptions[0]["object_id"]
    lines = _lines(connection, [about])
    line = lines.get(about)
    if line is None:
        matches = _matches(connection, [about])
        others = _others(connection, matches)
    else:
        matches, others = _holding(connection, about), []
    return Explained(
        kind=kind,
        id=found,
        known_at_date=_rows(connection, "SELECT known_at_date FROM dim_runs WHERE is_current", {})[0][
            "known_at_date"
        ],
        exceptions=exceptions,
        line=line,
        matches=matches,
        others=others,
        alike=_alike(connection, exceptions) if line and not matches else [],
        settlements=_settlements(connection, about),
    )


def _lines(connection: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> dict[str, Line]:
    return {row["id"]: Line(**row) for row in _rows(connection, LINES, {"ids": list(ids)})}


def _holding(connection: duckdb.DuckDBPyConnection, object_id: str) -> list[Match]:
    """The matches that hold a line."""
    rows = _rows(
        connection, f"SELECT match_id FROM ({MEMBERS}) AS members WHERE object_id = $id", {"id": object_id}
    )
    return _matches(connection, [row["match_id"] for row in rows])


def _others(connection: duckdb.DuckDBPyConnection, matches: Sequence[Match]) -> list[Match]:
    """What else the payments of matches may be, the best first."""
    payments = [member.object_id for match in matches for member in match.members if member.side == "payment"]
    rows = _rows(
        connection,
        f"SELECT DISTINCT match_id FROM ({MEMBERS}) AS members "
        "WHERE side = 'payment' AND list_contains($payments, object_id) AND NOT list_contains($ids, match_id)",
        {"payments": payments, "ids": [match.id for match in matches]},
    )
    return _matches(connection, [row["match_id"] for row in rows])[:OTHERS_SHOWN]


def _alike(connection: duckdb.DuckDBPyConnection, exceptions: Sequence[Mapping[str, Any]]) -> list[Line]:
    """Lines of the other side that are explained as well, of the same amount and account."""
    rows = [
        row
        for one in exceptions
        for row in _rows(
            connection,
            "SELECT object_id FROM fct_reconciliation_exceptions "
            "WHERE company_id = $company AND account_code = $account "
            "AND amount = $amount AND side <> $side AND list_contains(['bank', 'ledger'], side) "
            "ORDER BY abs(age_days - $age), object_id LIMIT $limit",
            {
                "company": one["company_id"],
                "account": one["account_code"],
                "amount": one["amount"],
                "side": one["side"],
                "age": one["age_days"],
                "limit": OTHERS_SHOWN,
            },
        )
    ]
    lines = _lines(connection, [row["object_id"] for row in rows])
    return [lines[row["object_id"]] for row in rows if row["object_id"] in lines]


def _matches(connection: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> list[Match]:
    """The matches with these ids: matched ones first, then proposals, best first."""
    if not ids:
        return []
    groups = _rows(
        connection,
        f"FROM ({MATCHES}) ORDER BY match_status, match_score DESC, match_id",
        {"ids": list(ids)},
    )
    members = _rows(
        connection,
        f"FROM ({MEMBERS}) AS members WHERE list_contains($ids, match_id) ORDER BY side DESC, object_id",
        {"ids": list(ids)},
    )
    lines = _lines(connection, [row["object_id"] for row in members])
    return [
        Match(
            id=row["match_id"],
            use=row["use"],
            company_id=row["company_id"],
            status=row["match_status"],
            rule=row["match_rule"],
            rule_label={"fr": row["label_fr"], "en": row["label_en"]},
            rule_explanation={"fr": row["explanation_fr"], "en": row["explanation_en"]},
            score=row["match_score"],
            cardinality=row["match_cardinality"],
            payment_amount=row["payment_amount"],
            document_amount=row["document_amount"],
            residual_amount=row["residual_amount"],
            residual_reason=row["residual_reason"],
            evidence=json.loads(row["evidence"] or "{}", parse_float=Decimal),
            members=[
                Member(member["side"], member["object_id"], member["amount"], lines.get(member["object_id"]))
                for member in members
                if member["match_id"] == row["match_id"]
            ],
        )
        for row in groups
    ]


def _settlements(connection: duckdb.DuckDBPyConnection, item_id: str) -> list[dict[str, Any]]:
    return _rows(
        connection,
        """
        SELECT CASE WHEN debit_item_id = $id THEN credit_document_ref ELSE debit_document_ref END AS document_ref,
            amount, effective_date, settlement_kind, letter_code
        FROM fct_settlements WHERE status = 'booked' AND (debit_item_id = $id OR credit_item_id = $id)
        ORDER BY effective_date, settlement_id
        """,
        {"id": item_id},
    )


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, values: dict[str, object]
) -> list[dict[str, Any]]:
    found = connection.execute(query, values)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
