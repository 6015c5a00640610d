"""Our own generated groups of companies, whose truth the generator knows."""

from datetime import date
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from benchmarks.matching.homes import Measured, found_pairs, refresh
from benchmarks.matching.scoring import TRUE
from samples.generator import generate
from samples.truth import Truth

AS_OF: Final = date(2026, 6, 30)
USES: Final = ("bank", "receipt")


def run(home: Path, *, lines: int, seed: int) -> list[Measured]:
    """Generate a group in ``home``, refresh it, and hold what the engine found, per use, against the truth."""
    truth = generate(home / "inbox", lines=lines, seed=seed, as_of=AS_OF)
    refreshed = refresh(home, AS_OF)
    true = true_pairs(refreshed.database, truth)
    return [
        Measured(
            f"generated, {lines:,} ledger lines: {use}",
            use,
            refreshed,
            true[use],
            found_pairs(refreshed.database, use),
        )
        for use in USES
    ]


def true_pairs(database: Path, truth: Truth) -> dict[str, pa.Table]:
    """What belongs together, per use, as ``scoring.TRUE``; the scenario is the kind of bank transaction.

    ``bank``: bank lines and ledger bank lines of one match. ``receipt``: what the books do not hold yet, and the
    items of the documents that it pays.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        for name in ("bank_transactions", "ledger_bank_lines", "payments"):
            connection.register(name, getattr(truth, name))
        connection.execute(_IDENTIFIED)
        return {
            use: connection.sql(query).to_arrow_table().select(TRUE.names)
            for use, query in (("bank", _BANK), ("receipt", _RECEIPT))
        }


# The details of a batch follow each other in the file as the truth counts them.
_IDENTIFIED: Final = """
CREATE TEMP TABLE movements AS
    WITH
        landed AS (
            SELECT
                *, row_number() OVER (PARTITION BY source_file, bank_entry_reference ORDER BY source_row) AS place
            FROM marts.fct_bank_transactions
        ),
        told AS (
            SELECT
                *,
                row_number() OVER (PARTITION BY source_file, bank_entry_reference ORDER BY detail_ordinal) AS place
            FROM bank_transactions
            WHERE source_file IS NOT NULL
        )
    SELECT landed.bank_transaction_id, told.*
    FROM told
    INNER JOIN landed USING (source_file, bank_entry_reference, place);
CREATE TEMP TABLE booked AS
    SELECT lines.ledger_line_id, told.*
    FROM ledger_bank_lines AS told
    INNER JOIN marts.fct_ledger_lines AS lines USING (company_id, fiscal_year_end_date, source_row);
"""

_BANK: Final = """
WITH totals AS (SELECT company_id, match, sum(abs(amount)) AS amount FROM booked GROUP BY company_id, match)
SELECT
    movements.bank_transaction_id AS payment,
    booked.ledger_line_id AS document,
    movements.transaction_kind AS scenario,
    CAST(abs(movements.amount) * abs(booked.amount) / totals.amount AS DOUBLE) AS value
FROM movements
INNER JOIN booked USING (company_id, match)
INNER JOIN totals USING (company_id, match)
"""

_RECEIPT: Final = """
SELECT
    movements.bank_transaction_id AS payment,
    items.item_id AS document,
    movements.transaction_kind AS scenario,
    CAST(abs(payments.amount) AS DOUBLE) AS value
FROM payments
INNER JOIN movements USING (company_id, bank_entry_reference, detail_ordinal)
INNER JOIN
    marts.fct_open_items AS items
    ON payments.company_id = items.company_id
    AND payments.document_ref = items.document_ref
    AND payments.third_party_code = split_part(items.third_party_id, '/', 3)
    AND (movements.amount > 0) = (items.ledger_side = 'receivable')
WHERE NOT EXISTS (
    SELECT 1 FROM booked WHERE booked.company_id = movements.company_id AND booked.match = movements.match
)
"""
