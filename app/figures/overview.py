"""The first page: what is owed and how old it is, what is not reconciled, how fresh it is, what was checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.figures.marts import PinnedHome, rows

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Overview:
    """The figures of the first page, of all companies."""

    run: Mapping[str, Any]
    balances: Rows
    """company_id, ledger_side, currency_code, total, overdue, unapplied, projected, third_parties."""
    ages: Rows
    """The sum of open items per company_id, ledger_side, currency_code and ageing_bucket_code, by band."""
    accounts: Rows
    """A bank account each: lines, matched, unreconciled and proposed, the oldest, the last statement."""
    books: Rows
    """company_id, last_entry_date: how far each ledger goes."""
    failed_totals: Rows
    failed_claims: Rows
    totals: Mapping[str, int]
    """Control totals: checked, agreeing."""
    claims: Mapping[str, int]
    """Expectations: checked, agreeing."""
    files: Mapping[str, int]
    """Files by status."""
    exceptions: Rows
    """severity, count."""


def companies(home: PinnedHome) -> Rows:
    """company_id, name (the id where there is none), base_currency, by name."""
    return rows(
        home,
        "SELECT company_id, coalesce(name, company_id) AS name, base_currency FROM dim_companies ORDER BY 2, 1",
    )


def buckets(home: PinnedHome) -> Rows:
    """The age bands in their order: ageing_bucket_code, label_fr, label_en, is_overdue."""
    return rows(
        home,
        "SELECT ageing_bucket_code, label_fr, label_en, is_overdue FROM dim_ageing_buckets ORDER BY bucket_order",
    )


def overview(home: PinnedHome) -> Overview:
    """The first page's figures of the pinned run."""
    run = rows(home, "FROM dim_runs WHERE is_current")[0]
    of_run = {"run": run["run_id"]}
    return Overview(
        run=run,
        balances=rows(
            home,
            """
            SELECT company_id, ledger_side, dim_companies.base_currency AS currency_code, sum(open_amount) AS total,
                coalesce(sum(open_amount) FILTER (status = 'overdue'), 0) AS overdue,
                coalesce(sum(open_amount) FILTER (status = 'unapplied'), 0) AS unapplied,
                sum(projected_open_amount) AS projected,
                count(DISTINCT third_party_id) AS third_parties
            FROM fct_open_items JOIN dim_companies USING (company_id)
            GROUP BY ALL ORDER BY ALL
            """,
        ),
        ages=rows(
            home,
            """
            SELECT company_id, ledger_side, dim_companies.base_currency AS currency_code, ageing_bucket_code,
                bucket_order, sum(open_amount) AS amount
            FROM fct_open_items JOIN dim_companies USING (company_id)
                JOIN dim_ageing_buckets USING (ageing_bucket_code)
            GROUP BY ALL ORDER BY bucket_order, company_id
            """,
        ),
        accounts=rows(
            home,
            """
            SELECT status.company_id, status.bank_account_id, iban, status.ledger_account, status.currency_code,
                line_count, matched_count, proposed_count, unreconciled_count,
                proposed_amount + unreconciled_amount AS unreconciled_amount, oldest_days, statement_gap_count,
                last.last_statement_date
            FROM fct_reconciliation_status AS status
                LEFT JOIN dim_bank_accounts USING (bank_account_id)
                LEFT JOIN (
                    SELECT bank_account_id, max(last_statement_date) AS last_statement_date
                    FROM fct_bank_reconciliation_statements GROUP BY bank_account_id
                ) AS last USING (bank_account_id)
            WHERE run_id = $run ORDER BY status.company_id, status.ledger_account, status.bank_account_id
            """,
            of_run,
        ),
        books=rows(
            home,
            """
            SELECT company_id, max(entry_date) AS last_entry_date FROM fct_ledger_lines
            WHERE entry_date <= (SELECT as_of_date FROM dim_runs WHERE is_current)
            GROUP BY company_id ORDER BY company_id
            """,
        ),
        failed_totals=rows(
            home,
            "SELECT company_id, control_name, subject, expected, actual, difference, is_blocking "
            "FROM fct_control_totals WHERE run_id = $run AND NOT passed ORDER BY is_blocking DESC, 2, 1, 3",
            of_run,
        ),
        failed_claims=rows(
            home,
            "SELECT suite, expectation, source_file, subject, severity, detail FROM fct_quality_results "
            "WHERE run_id = $run AND NOT passed ORDER BY severity, 1, 2, 3, 4",
            of_run,
        ),
        totals=_checked(home, "fct_control_totals", of_run),
        claims=_checked(home, "fct_quality_results", of_run),
        files={
            row["status"]: row["count"]
            for row in rows(
                home, "SELECT status, count(*) AS count FROM fct_source_files GROUP BY ALL ORDER BY ALL"
            )
        },
        exceptions=rows(
            home,
            "SELECT severity, count(*) AS count FROM fct_reconciliation_exceptions GROUP BY severity "
            "ORDER BY list_position(['high', 'medium', 'low', 'info'], severity)",
        ),
    )


def _checked(home: PinnedHome, mart: str, of_run: Mapping[str, object]) -> Mapping[str, int]:
    [counts] = rows(
        home,
        f"SELECT count(*) AS checked, count(*) FILTER (passed) AS agreeing FROM {mart} WHERE run_id = $run",
        of_run,
    )
    return counts
