"""Models of the cash plan, run again on a home's working database as of an earlier day."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

MODELS = ("int_cash__bank_lines", "fct_recurring_flow_members", "fct_recurring_flows", "int_cash__accounts")

DATED = {
    "fct_bank_transactions": "booking_date",
    "int_bank__transactions": "booking_date",
    "int_bank__ledger_lines": "entry_date",
    "int_ledger__lines_identified": "entry_date",
    "int_settlements__solved": "effective_date",
    "int_bank__statements_listed": "from_date",
    "int_reconciliation__statements": "from_date",
    "fct_bank_reconciliation_statements": "as_of_date",
}
"""What the models read that has a date → the column of it."""


def cash_as_of(warehouse: Path, day: date, *, with_later: bool) -> dict[str, list[tuple[Any, ...]]]:
    """Model → its rows, in order."""
    compiled = {
        path.stem: path.read_text() for path in (warehouse / "dbt" / "target" / "compiled").rglob("*.sql")
    }
    read = {
        (schema, table)
        for model in MODELS
        for schema, table in re.findall(r'"encours"\."(\w+)"\."(\w+)"', compiled[model])
        if table not in MODELS
    }
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{warehouse / 'encours.duckdb'}' AS encours (READ_ONLY)")
        for schema, table in read:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS memory.{schema}")
            known = f"WHERE {DATED[table]} <= DATE '{day}'" if table in DATED and not with_later else ""
            connection.execute(
                f"CREATE TABLE memory.{schema}.{table} AS FROM encours.{schema}.{table} {known}"
            )
        connection.execute("DETACH encours")
        connection.execute(f"UPDATE run.context SET as_of_date = DATE '{day}'")
        found = {}
        for model in MODELS:
            name = f"{'marts' if model.startswith('fct_') else 'intermediate'}.{model}"
            sql = compiled[model].replace('"encours".', "")
            connection.execute(f"CREATE TABLE {name} AS {sql}")
            found[model] = connection.execute(f"FROM {name} ORDER BY ALL").fetchall()
        return found
