"""The public set spoj/taskgraph: payments with their remittance advice against open invoices.

Its invoices become a ledger, its payments a bank statement whose text is what the payer wrote, and a refresh says which
bank receipts settle which invoices. Nothing of its answers is in the files.
"""

import csv
import json
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from benchmarks.matching.homes import Measured, found_pairs, refresh
from benchmarks.matching.inboxes import Document, write_sales_ledger
from benchmarks.matching.scoring import TRUE

SIZES: Final = (10, 30, 100)
"""Invoices. All that is looked at; whatever else the set holds is for examining."""

COMPANY: Final = "seller"
ACCOUNT: Final = "FR7630006000011234567890189"
STATEMENT_COLUMNS: Final = ("Account", "Date", "Payer", "Text", "Amount")

_SETTINGS: Final = f"""\
[[companies]]
id = "{COMPANY}"

[[bank_accounts]]
account = "{ACCOUNT}"
company = "{COMPANY}"
ledger_account = "512000"

[[mappings]]
name = "Payments"
lands_as = "bank_statement"
date_formats = ["%Y-%m-%d"]
decimal_mark = "."

[mappings.columns]
account = "Account"
booking_date = "Date"
counterparty_name = "Payer"
remittance_text = "Text"
amount = "Amount"

[mappings.fixed]
currency = "EUR"
"""


def problem_file(corpora: Path, size: int) -> Path:
    """Where the problem of ``size`` invoices lies."""
    return corpora / "ar" / "spoj_taskgraph" / f"n{size}_seed42.json"


def run(path: Path, home: Path) -> Measured:
    """Refresh ``home``, made anew of a problem, and hold what the engine found against the problem's answers."""
    problem = json.loads(path.read_text(encoding="utf-8"))
    refreshed = refresh(home, write_home(problem, home))
    true = true_pairs(refreshed.database, problem)
    return Measured(
        f"cash application, {path.stem}",
        "receipt",
        refreshed,
        true,
        found_pairs(refreshed.database, "receipt"),
    )


def write_home(problem: dict[str, Any], home: Path) -> date:
    """Write settings and inbox of a problem. Returns its last day."""
    folder = home / "inbox" / COMPANY
    documents = [
        Document(
            one["invoice_id"],
            one["customer_id"],
            one["customer_name"],
            date.fromisoformat(one["invoice_date"]),
            _cents(one["amount"]),
            one["description"],
        )
        for one in problem["invoices"]
    ]
    year = max(document.day for document in documents).year
    write_sales_ledger(folder / f"123456789FEC{year}1231.txt", documents)
    (home / "encours.toml").write_text(_SETTINGS, encoding="utf-8")
    with (folder / "invoices.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            (
                "third_party_code",
                "kind",
                "document_number",
                "document_type",
                "issue_date",
                "due_date",
                "total_amount",
            )
        )
        for one in problem["invoices"]:
            kind = "invoice" if one["amount"] > 0 else "credit_note"
            rows.writerow(
                (
                    one["customer_id"],
                    "customer",
                    one["invoice_id"],
                    kind,
                    one["invoice_date"],
                    one["due_date"],
                    f"{abs(one['amount']):.2f}",
                )
            )
    remittances = defaultdict(list)
    for line in problem["remittance_lines"]:
        remittances[line["payment_id"]].append(f"{line['invoice_ref']} {line['memo']}".strip())
    with (folder / "payments.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(STATEMENT_COLUMNS)
        for one in problem["payments"]:
            text = ", ".join((one["reference_info"], *remittances[one["payment_id"]]))
            rows.writerow((ACCOUNT, one["payment_date"], one["payer_name"], text, f"{one['amount']:.2f}"))
    days = [one["payment_date"] for one in problem["payments"]]
    return date.fromisoformat(max(days + [one["invoice_date"] for one in problem["invoices"]]))


def true_pairs(database: Path, problem: dict[str, Any]) -> pa.Table:
    """Which bank transaction settles which item, as ``scoring.TRUE``; the scenario is the set's own."""
    # The header is the first row of the statement.
    rows = {one["payment_id"]: row for row, one in enumerate(problem["payments"], start=2)}
    applied = pa.Table.from_pylist(
        [
            {
                "source_row": rows[one["payment_id"]],
                "document_ref": one["invoice_id"],
                "scenario": one["match_type"],
                "value": abs(one["applied_amount"]),
            }
            for one in problem["ground_truth"]["applications"]
        ]
    )
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.register("applied", applied)
        found: pa.Table = connection.sql(
            """
            SELECT lines.bank_transaction_id AS payment, items.item_id AS document, applied.scenario, applied.value
            FROM applied
            INNER JOIN marts.fct_bank_transactions AS lines USING (source_row)
            INNER JOIN marts.fct_items AS items USING (document_ref)
            """
        ).to_arrow_table()
    if len(found) != len(applied):
        raise RuntimeError(f"{database}: {len(found)} of {len(applied)} applications are in the marts")
    return found.cast(TRUE)


def _cents(amount: float) -> int:
    return int(Decimal(str(amount)) * 100)
