"""The engine alone, on a bulk set: ``python -m benchmarks.matching.engine fill|run HOME``, each a process of its own.

``fill HOME LINES SEED HIDDEN_SHARE PRICED_SHARE`` makes a working database as a refresh does, of no files, and puts a
bulk set where the models of the engine look: bank transactions, open items, third parties. ``run HOME`` runs them and
prints a line of JSON with what they cost. Its memory is that of the whole process, dbt included.
"""

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from dbt.adapters.duckdb.connections import DuckDBConnectionManager

from benchmarks.bank_formats.own import peak_kilobytes
from benchmarks.matching import bulk
from benchmarks.matching.homes import ENGINE
from home.layout import Home
from home.settings import Settings
from home.tables import RunContext
from ingestion.schemas import SOURCE_FILES
from orchestration.dbt_runner import PROFILES, PROJECT, Dbt
from orchestration.warehouse import connect, database, prepare

MODELS: Final = "path:models/intermediate/matching"
BESIDE: Final = ("int_third_parties__ibans", "int_third_parties__discounts")
"""Models that the engine reads and nobody else; too small to time."""


def fill(home: Home, lines: int, *, seed: int, hidden_share: float, priced_share: float) -> None:
    """Make the working database of ``home`` with a bulk set in it, and the set itself in schema ``bulk``."""
    home.create()
    context = RunContext("bulk", bulk.LAST_DAY, bulk.LAST_DAY, datetime.now(UTC))
    prepare(home, Settings(), context, SOURCE_FILES.empty_table(), [])
    Dbt(home).run_models(home.reports)
    with connect(home) as connection:
        bulk.write(connection, lines, seed=seed, hidden_share=hidden_share, priced_share=priced_share)
        connection.execute(_FILLED)


def run(home: Home) -> dict[str, Any]:
    """Run the engine's models. Returns seconds per model, and the peak of memory in MB."""
    seconds = _run_models(home, [MODELS, *BESIDE])
    return {
        "seconds": {name: spent for name, spent in seconds.items() if name.startswith(ENGINE)},
        "megabytes": peak_kilobytes() / 1024,
    }


def _run_models(home: Home, selected: Sequence[str]) -> dict[str, float]:
    # A refresh runs all models; to run some is a matter of this benchmark.
    from dbt.cli.main import dbtRunner

    os.environ["ENCOURS_WAREHOUSE"] = str(database(home))
    # As a refresh of files that hold as many lines.
    os.environ["ENCOURS_QUERY_THREADS"] = str(os.cpu_count())
    with tempfile.TemporaryDirectory() as target:
        done = dbtRunner().invoke(
            [
                *(
                    "run",
                    "--select",
                    *selected,
                    "--project-dir",
                    str(PROJECT),
                    "--profiles-dir",
                    str(PROFILES),
                ),
                *(
                    "--target-path",
                    target,
                    "--log-path",
                    str(home.reports),
                    "--log-level",
                    "none",
                    "--no-write-json",
                ),
                *("--no-send-anonymous-usage-stats", "--no-version-check"),
            ]
        )
    DuckDBConnectionManager.close_all_connections()
    if not done.success:
        raise RuntimeError(
            f"{home.root}: the models failed, see {home.reports / 'dbt.log'}"
        ) from done.exception
    return {result.node.name: result.execution_time for result in done.result.results}


# The tables that a refresh of no files leaves are empty; their columns are those that the engine reads. Identifiers are
# as long as the real ones.
_FILLED: Final = """
INSERT INTO intermediate.int_companies__known BY NAME SELECT 'acme' AS company_id, 'EUR' AS base_currency;
INSERT INTO intermediate.int_bank__accounts BY NAME
    SELECT
        'acme/FR76' AS bank_account_id,
        'acme' AS company_id,
        'EUR' AS currency_code,
        '512000' AS ledger_account,
        true AS has_statements;
INSERT INTO intermediate.int_third_parties__listed BY NAME
    SELECT
        'acme/customer/' || customer AS third_party_id,
        'acme' AS company_id,
        'customer' AS kind,
        CAST(customer AS VARCHAR) AS third_party_code,
        name,
        iban AS ibans
    FROM bulk.customers;
INSERT INTO intermediate.int_bank__transactions BY NAME
    SELECT
        md5('line' || line) AS bank_transaction_id,
        'acme/FR76' AS bank_account_id,
        'acme' AS company_id,
        day AS booking_date,
        day AS value_date,
        CAST(cents AS DECIMAL(18, 5)) / 100 AS amount,
        'EUR' AS currency_code,
        false AS is_reversal,
        text AS remittance_text,
        name AS counterparty_name,
        iban AS counterparty_iban
    FROM bulk.lines;
INSERT INTO intermediate.int_items__posted BY NAME
    SELECT
        md5('item' || item) AS item_id,
        'acme' AS company_id,
        'receivable' AS ledger_side,
        'acme/customer/' || customer AS third_party_id,
        '411000' AS account_code,
        'customer' AS account_role,
        'acme/customer/' || customer || '|411000' AS unit_id,
        'invoice' AS item_type,
        document_ref,
        'VE' AS journal_code,
        CAST(item AS VARCHAR) AS entry_number,
        day AS entry_date,
        day AS document_date,
        due_day AS due_date,
        CAST(cents AS DECIMAL(18, 2)) / 100 AS original_amount,
        false AS is_opening_difference
    FROM bulk.items;
INSERT INTO intermediate.int_ageing__items_at_dates BY NAME
    SELECT
        context.as_of_date,
        true AS is_own_date,
        items.item_id,
        items.company_id,
        items.ledger_side,
        items.third_party_id,
        items.original_amount AS open_amount,
        0 AS settled_amount
    FROM intermediate.int_items__posted AS items
    CROSS JOIN run.context;
"""


if __name__ == "__main__":
    if sys.argv[1] == "fill":
        lines, seed, hidden_share, priced_share = sys.argv[3:]
        fill(
            Home.at(sys.argv[2]),
            int(lines),
            seed=int(seed),
            hidden_share=float(hidden_share),
            priced_share=float(priced_share),
        )
    else:
        print(json.dumps(run(Home.at(sys.argv[2]))))
