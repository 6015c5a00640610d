"""Our own generated groups of companies, whose truth the generator knows."""

from datetime import date
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.matching.homes import Measured, Refreshed, found_pairs, refresh
from benchmarks.matching.scoring import FOUND, TRUE
from samples.generator import generate
from samples.truth import Truth

AS_OF: Final = date(2026, 6, 30)
USES: Final = ("bank", "lettering", "receipt")


def run(home: Path, *, lines: int, seed: int, hidden_share: float = 0.0) -> list[Measured]:
    """Generate a group in ``home``, refresh it, and hold what the engine found, per use, against the truth.

    Instalments of one document count as one: which of them a payment settles is a matter of convention.
    """
    truth = generate(home / "inbox", lines=lines, seed=seed, as_of=AS_OF, hidden_share=hidden_share)
    refreshed = refresh(home, AS_OF)
    with duckdb.connect(str(refreshed.database), read_only=True) as connection:
        _identify(connection, truth)
        hidden = f", {hidden_share:.0%} hidden" if hidden_share else ""
        title = f"generated, {lines:,} ledger lines{hidden}"
        return [_measured(connection, f"{title}: {use}", use, refreshed) for use in USES]


def _measured(connection: duckdb.DuckDBPyConnection, title: str, use: str, refreshed: Refreshed) -> Measured:
    """What is right and is sought, beside what was found but for what is right and was not sought.

    A payment that is booked with another amount, say, is no receipt to be found, and yet it pays its invoice.
    """
    right = connection.sql(_TRUE[use]).to_arrow_table()
    found = _of_documents(connection, use, found_pairs(refreshed.database, use))
    connection.register("right_pairs", right)
    connection.register("found", found)
    judged = connection.sql(
        """
        SELECT found.*
        FROM found
        LEFT JOIN right_pairs USING (payment, document)
        WHERE coalesce(right_pairs.is_sought, true)
        """
    ).to_arrow_table()
    matched = pc.sum(pc.equal(found["status"], "matched")).as_py() or 0
    judged_matched = pc.sum(pc.equal(judged["status"], "matched")).as_py() or 0
    return Measured(
        title,
        use,
        refreshed,
        right.filter(right["is_sought"]).select(TRUE.names),
        judged.select(FOUND.names),
        matched - judged_matched,
    )


def _identify(connection: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    """Make tables of the truth with the product's identifiers. Raises RuntimeError when the marts lack some."""
    tables = {
        "bank_transactions": truth.bank_transactions,
        "ledger_bank_lines": truth.ledger_bank_lines,
        "payments": truth.payments,
        "items": truth.items,
        "pairs_unlettered": truth.unlettered(truth.as_of),
    }
    for name, table in tables.items():
        connection.register(name, table)
    connection.execute(_IDENTIFIED)
    lost = connection.sql(
        """
        SELECT
            (SELECT count(*) FROM bank_transactions WHERE source_file IS NOT NULL) - (SELECT count(*) FROM movements),
            (SELECT count(*) FROM ledger_bank_lines) - (SELECT count(*) FROM booked),
            (SELECT count(*) FROM items) - (SELECT count(*) FROM lines_of_items)
        """
    ).fetchone()
    if lost != (0, 0, 0):
        raise RuntimeError(
            f"not all movements, bank lines and items of the truth are in the marts: {lost} are not"
        )


def _of_documents(connection: duckdb.DuckDBPyConnection, use: str, found: pa.Table) -> pa.Table:
    """``found`` with one identifier for the instalments of a document."""
    if use == "bank":
        return found
    connection.register("found", found)
    of = "of_line" if use == "lettering" else "of_document"
    told: pa.Table = connection.sql(
        f"""
        SELECT
            found.* REPLACE (
                coalesce(payments.{of}, found.payment) AS payment, coalesce(documents.{of}, found.document) AS document
            )
        FROM found
        LEFT JOIN one_of AS payments ON found.payment = payments.item_id
        LEFT JOIN one_of AS documents ON found.document = documents.item_id
        """
    ).to_arrow_table()
    return told


# The details of a batch have the row of their entry: they are told apart by their amounts.
_IDENTIFIED: Final = """
CREATE TEMP TABLE movements AS
    WITH
        landed AS (
            SELECT
                *,
                row_number() OVER (
                    PARTITION BY source_file, bank_entry_reference, amount ORDER BY bank_transaction_id
                ) AS place
            FROM marts.fct_bank_transactions
        ),
        told AS (
            SELECT
                *,
                row_number() OVER (
                    PARTITION BY source_file, bank_entry_reference, amount ORDER BY detail_ordinal
                ) AS place
            FROM bank_transactions
            WHERE source_file IS NOT NULL
        )
    SELECT landed.bank_transaction_id, told.*
    FROM told
    INNER JOIN landed USING (source_file, bank_entry_reference, place, amount);
CREATE TEMP TABLE booked AS
    SELECT lines.ledger_line_id, told.*
    FROM ledger_bank_lines AS told
    INNER JOIN marts.fct_ledger_lines AS lines USING (company_id, fiscal_year_end_date, source_row);
CREATE TEMP TABLE one_of AS
    SELECT
        item_id,
        ledger_line_id,
        min(item_id) OVER (PARTITION BY ledger_line_id) AS of_line,
        min(item_id) OVER (PARTITION BY third_party_id, coalesce(document_ref, item_id)) AS of_document
    FROM marts.fct_items;
CREATE TEMP TABLE lines_of_items AS
    SELECT items.item, lines.ledger_line_id, items.original_amount
    FROM items
    INNER JOIN marts.fct_ledger_lines AS lines USING (company_id, fiscal_year_end_date, source_row);
"""

# Two bank lines, or two ledger lines, that undo each other are a pair of what comes in and what goes out. A debit and
# its return of which the books hold neither may be told so, and are not sought. Nor is the second posting of a movement
# of which the first is hidden: it is what the books then have of that movement.
_BANK: Final = """
WITH
    totals AS (SELECT company_id, match, sum(abs(amount)) AS amount FROM booked GROUP BY company_id, match),
    sides AS (
        SELECT company_id, match, bank_transaction_id AS object_id, amount, scenario, true AS is_bank FROM movements
        UNION ALL
        SELECT company_id, match, ledger_line_id, amount, scenario, false FROM booked
    ),
    one_sided AS (
        SELECT company_id, match
        FROM sides
        GROUP BY company_id, match
        HAVING count(DISTINCT is_bank) = 1 AND sum(amount) = 0
    ),
    unbooked AS (
        SELECT *
        FROM movements
        WHERE NOT EXISTS (
            SELECT 1 FROM booked WHERE booked.company_id = movements.company_id AND booked.match = movements.match
        )
    )
SELECT
    movements.bank_transaction_id AS payment,
    booked.ledger_line_id AS document,
    movements.scenario,
    CAST(abs(movements.amount) * abs(booked.amount) / totals.amount AS DOUBLE) AS value,
    true AS is_sought
FROM movements
INNER JOIN booked USING (company_id, match)
INNER JOIN totals USING (company_id, match)
UNION ALL
SELECT ins.object_id, outs.object_id, ins.scenario, CAST(abs(ins.amount) AS DOUBLE), true
FROM sides AS ins
INNER JOIN one_sided USING (company_id, match)
INNER JOIN sides AS outs USING (company_id, match)
WHERE (ins.amount > 0) = ins.is_bank AND (outs.amount < 0) = ins.is_bank
UNION ALL
SELECT ins.bank_transaction_id, outs.bank_transaction_id, ins.scenario, CAST(ins.amount AS DOUBLE), false
FROM unbooked AS ins
INNER JOIN unbooked AS outs ON ins.company_id = outs.company_id AND ins.amount = -outs.amount AND ins.amount > 0
WHERE ins.match <> outs.match
UNION ALL
SELECT unbooked.bank_transaction_id, booked.ledger_line_id, unbooked.scenario, CAST(abs(booked.amount) AS DOUBLE), false
FROM unbooked
INNER JOIN booked USING (company_id, scenario, amount)
WHERE
    scenario = 'posted_twice'
    AND NOT EXISTS (
        SELECT 1 FROM movements WHERE movements.company_id = booked.company_id AND movements.match = booked.match
    )
"""

# Sought are items that the truth knows to be open.
_LETTERING: Final = """
SELECT
    payments.of_line AS payment,
    documents.of_line AS document,
    any_value(settling.scenario) AS scenario,
    max(CAST(least(-settling.original_amount, owed.original_amount) AS DOUBLE)) AS value,
    bool_or(pairs.payment_item IS NOT NULL) AS is_sought
FROM items AS settling
INNER JOIN
    items AS owed
    ON settling.company_id = owed.company_id
    AND settling.account_code = owed.account_code
    AND settling.third_party_code = owed.third_party_code
    AND settling."group" = owed."group"
    AND settling.original_amount < 0
    AND owed.original_amount > 0
INNER JOIN lines_of_items AS settling_lines ON settling.item = settling_lines.item
INNER JOIN lines_of_items AS owed_lines ON owed.item = owed_lines.item
INNER JOIN one_of AS payments ON settling_lines.ledger_line_id = payments.ledger_line_id
INNER JOIN one_of AS documents ON owed_lines.ledger_line_id = documents.ledger_line_id
LEFT JOIN
    pairs_unlettered AS pairs ON settling.item = pairs.payment_item AND owed.item = pairs.document_item
GROUP BY payments.of_line, documents.of_line
"""

# Sought are documents that are open, paid by what the books do not hold. What settles together with such a document, a
# difference of exchange say, is right to name and not sought.
_RECEIPT: Final = """
WITH
    paid AS (
        SELECT
            movements.bank_transaction_id,
            items.ledger_line_id,
            one_of.of_document,
            payments.scenario,
            abs(payments.amount) AS amount,
            open.item_id IS NOT NULL AND booked.match IS NULL AS is_sought
        FROM payments
        INNER JOIN movements USING (company_id, bank_entry_reference, detail_ordinal)
        INNER JOIN
            marts.fct_items AS items
            ON payments.company_id = items.company_id
            AND payments.document_ref = items.document_ref
            AND payments.third_party_code = split_part(items.third_party_id, '/', 3)
            AND (movements.amount > 0) = (items.ledger_side = 'receivable')
        INNER JOIN one_of USING (item_id)
        LEFT JOIN marts.fct_open_items AS open USING (item_id)
        LEFT JOIN booked ON movements.company_id = booked.company_id AND movements.match = booked.match
    ),
    grouped AS (
        SELECT ledger_line_id, company_id, account_code, third_party_code, "group"
        FROM items
        INNER JOIN lines_of_items USING (item)
    ),
    right_ones AS (
        SELECT bank_transaction_id, of_document, scenario, amount, is_sought FROM paid
        UNION ALL
        SELECT paid.bank_transaction_id, one_of.of_document, paid.scenario, paid.amount, false
        FROM paid
        INNER JOIN grouped USING (ledger_line_id)
        INNER JOIN grouped AS beside USING (company_id, account_code, third_party_code, "group")
        INNER JOIN one_of ON beside.ledger_line_id = one_of.ledger_line_id
    )
SELECT
    bank_transaction_id AS payment,
    of_document AS document,
    any_value(scenario) AS scenario,
    max(CAST(amount AS DOUBLE)) AS value,
    bool_or(is_sought) AS is_sought
FROM right_ones
GROUP BY bank_transaction_id, of_document
"""

_TRUE: Final = {"bank": _BANK, "lettering": _LETTERING, "receipt": _RECEIPT}
