"""The few figures that end a refresh: what came in, what is outstanding and overdue, what the checks say."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import duckdb

from home.layout import Home
from orchestration.exceptions import by_reason
from orchestration.listing import Column, Listing, Value
from orchestration.queries import published

SHOWN_COMPANIES: Final = 5
"""More columns than this are no summary: the companies are then added up per currency."""


@dataclass(frozen=True)
class Summary:
    """What the marts in force say, in short."""

    as_of_date: date
    is_verified: bool
    balances: Listing
    buckets: Listing
    files: str
    checks: str
    exceptions: Listing


def summary_of(home: Home) -> Summary:
    """The summary of the marts in force. Raises NothingPublishedError."""
    with published(home) as connection:
        run_id, as_of, is_verified = _row(
            connection, "SELECT run_id, as_of_date, is_verified FROM dim_runs WHERE is_current"
        )
        return Summary(
            as_of_date=as_of,
            is_verified=is_verified,
            balances=_balances(connection, as_of),
            buckets=_buckets(connection),
            files=_files(connection),
            checks=_checks(connection, run_id),
            exceptions=by_reason(connection, "en"),
        )


def _balances(connection: duckdb.DuckDBPyConnection, as_of: date) -> Listing:
    rows = connection.execute(
        """
        SELECT coalesce(companies.name, companies.company_id), ledger_side, companies.base_currency, sum(total_amount),
            sum(overdue_amount), sum(unapplied), count(*)
        FROM mart_aged_balance JOIN dim_companies AS companies USING (company_id)
        GROUP BY ALL ORDER BY 1, 2 DESC
        """
    ).fetchall()
    columns = [
        Column("company", "Company"),
        Column("ledger_side", "Side"),
        Column("currency_code", "Currency"),
        Column("outstanding", "Outstanding"),
        Column("overdue", "Overdue"),
        Column("unapplied", "Unapplied"),
        Column("third_parties", "Third parties"),
    ]
    return Listing(f"Outstanding as of {as_of}", columns, rows)


def _buckets(connection: duckdb.DuckDBPyConnection) -> Listing:
    found = connection.execute(
        """
        SELECT coalesce(companies.name, companies.company_id), companies.base_currency, ageing_bucket_code,
            sum(open_amount)
        FROM fct_open_items JOIN dim_companies AS companies USING (company_id)
        WHERE ledger_side = 'receivable' GROUP BY ALL ORDER BY ALL
        """
    ).fetchall()
    labels = connection.execute(
        "SELECT ageing_bucket_code, label_en FROM dim_ageing_buckets ORDER BY bucket_order"
    ).fetchall()
    by_company = len({company for company, *_ in found}) <= SHOWN_COMPANIES
    amounts: dict[tuple[str, str], Decimal] = {}
    for company, currency, bucket, amount in found:
        head = company if by_company else f"All companies, {currency}"
        amounts[head, bucket] = amounts.get((head, bucket), Decimal(0)) + amount
    heads = sorted({head for head, _ in amounts})
    rows: list[list[Value]] = [
        [label, *(amounts.get((head, code), Decimal("0.00")) for head in heads)] for code, label in labels
    ]
    return Listing(
        "Aged balance of customers", [Column("bucket", "Age"), *(Column(head, head) for head in heads)], rows
    )


def _files(connection: duckdb.DuckDBPyConnection) -> str:
    states = connection.execute(
        "SELECT status, count(*) FROM fct_source_files GROUP BY status ORDER BY count(*) DESC, status"
    ).fetchall()
    read, landed, quarantined = _row(
        connection,
        "SELECT coalesce(sum(rows_read), 0), coalesce(sum(rows_landed), 0), coalesce(sum(rows_quarantined), 0) "
        "FROM fct_source_files WHERE status <> 'duplicate'",
    )
    seen = ", ".join(f"{count} {state}" for state, count in states) or "none"
    return f"{seen}; {read:,} rows read, {landed:,} landed, {quarantined:,} in quarantine"


def _checks(connection: duckdb.DuckDBPyConnection, run_id: str) -> str:
    totals, agreeing = _row(
        connection,
        "SELECT count(*), count(*) FILTER (passed) FROM fct_control_totals WHERE run_id = ?",
        run_id,
    )
    claims, held = _row(
        connection,
        "SELECT count(*), count(*) FILTER (passed) FROM fct_quality_results WHERE run_id = ?",
        run_id,
    )
    return f"{agreeing:,} of {totals:,} control totals agree, {held:,} of {claims:,} expectations hold"


def _row(connection: duckdb.DuckDBPyConnection, query: str, *values: object) -> tuple[Any, ...]:
    row = connection.execute(query, list(values)).fetchone()
    assert row is not None
    return tuple(row)
