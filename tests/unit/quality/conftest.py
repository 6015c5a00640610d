"""A small sound landing, and a way to break it."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from home.tables import RUN_CONTEXT, RunContext
from ingestion.schemas import LANDED_TABLES

Rows = list[dict[str, Any]]
Landing = dict[str, Rows]

KNOWN_AT = date(2025, 6, 30)
CONTEXT = RunContext("run-1", KNOWN_AT, KNOWN_AT, datetime(2025, 6, 30, 4, 0, tzinfo=UTC))


def source_file(name: str, kind: str, rows: int, **more: Any) -> dict[str, Any]:
    return {
        "source_file": f"acme/{name}",
        "source_sha256": name,
        "size_bytes": 1,
        "modified_at": CONTEXT.started_at,
        "first_seen_at": CONTEXT.started_at,
        "intake_number": 1,
        "kind": kind,
        "status": "landed",
        "rows_read": rows,
        "rows_landed": rows,
        "rows_quarantined": 0,
        "company_id": "acme",
        "is_accepted": False,
        "is_present": True,
    } | more


def ledger_line(row: int, account: str, debit: str, credit: str) -> dict[str, Any]:
    return {
        "source_sha256": "ledger",
        "source_row": row,
        "journal_code": "VT",
        "entry_number": "1",
        "entry_date": date(2025, 3, 10),
        "account_code": account,
        "document_ref": "F1",
        "document_date": date(2025, 3, 10),
        "label": "Facture F1",
        "debit": Decimal(debit),
        "credit": Decimal(credit),
        "letter_code": "A",
        "letter_date": date(2025, 4, 1),
        "amount_currency": Decimal("10.00"),
        "currency_code": "USD",
        "due_date": date(2025, 4, 9),
    }


def movement(row: int, entry: int, detail: int, amount: str, entry_amount: str) -> dict[str, Any]:
    return {
        "source_sha256": "bank",
        "source_row": row,
        "statement_ordinal": 1,
        "entry_ordinal": entry,
        "detail_ordinal": detail,
        "booking_date": date(2025, 3, 11),
        "value_date": date(2025, 3, 12),
        "amount": Decimal(amount),
        "currency_code": "EUR",
        "entry_amount": Decimal(entry_amount),
        "is_reversal": False,
        "structured_reference": "RF18 5390 0754 7034",
        "counterparty_iban": "DE89370400440532013000",
        "original_amount": Decimal("12.00"),
        "original_currency_code": "USD",
    }


def sound_landing() -> Landing:
    """One file of each kind, in which every claim holds."""
    return {
        "ledger_lines": [ledger_line(2, "411", "120.00", "0.00"), ledger_line(3, "706", "0.00", "120.00")],
        "bank_statements": [
            {
                "source_sha256": "bank",
                "source_row": 5,
                "statement_ordinal": 1,
                "statement_kind": "statement",
                "statement_reference": "S1",
                "account_number": "FR1420041010050500013M02606",
                "account_currency": "EUR",
                "from_date": date(2025, 3, 10),
                "to_date": date(2025, 3, 14),
                "opening_balance": Decimal("100.00"),
                "opening_date": date(2025, 3, 10),
                "closing_balance": Decimal("130.00"),
                "closing_date": date(2025, 3, 14),
                "entry_count": 2,
                "entry_total": Decimal("30.00"),
            }
        ],
        "bank_transactions": [
            movement(20, 1, 1, "50.00", "40.00"),
            movement(30, 1, 2, "-10.00", "40.00"),
            movement(40, 2, 0, "-10.00", "-10.00"),
        ],
        "third_parties": [
            {
                "source_sha256": "third_parties",
                "source_row": row,
                "third_party_code": code,
                "name": "Martin SARL",
                "kind": "customer",
                "siren": "732 829 320",
                "vat_number": "FR44732829320",
                "iban": "FR1420041010050500013M02606|DE89370400440532013000",
                "credit_limit": Decimal("0.00"),
                "currency": "EUR",
                "email": "compta@martin.example",
            }
            for row, code in ((2, "MARTIN"), (3, "DURAND"))
        ],
        "invoices": [
            {
                "source_sha256": "invoices",
                "source_row": row,
                "third_party_code": "MARTIN",
                "kind": "customer",
                "document_number": "F1",
                "document_type": "invoice",
                "issue_date": date(2025, 3, 10),
                "due_date": due_date,
                "currency": "EUR",
                "total_amount": Decimal("60.00"),
                "vat_amount": Decimal("10.00"),
            }
            for row, due_date in ((2, date(2025, 4, 9)), (3, date(2025, 5, 9)))
        ],
        "e_invoices": [
            {
                "source_sha256": "e_invoice",
                "source_row": 2,
                "document_number": "F1",
                "document_type": "invoice",
                "is_self_billed": False,
                "issue_date": date(2025, 3, 10),
                "currency_code": "EUR",
                "seller_name": "Martin SA",
                "seller_siren": "732829320",
                "seller_vat_number": "FR44732829320",
                "buyer_name": "Acme",
                "payee_accounts": ["FR1420041010050500013M02606", "DE89370400440532013000"],
                "payment_reference": "RF18539007547034",
                "net_amount": Decimal("100.00"),
                "vat_amount": Decimal("20.00"),
                "gross_amount": Decimal("120.00"),
                "payable_amount": Decimal("90.00"),
                "instalments": [
                    {"due_date": date(2025, 4, 9), "amount": Decimal("60.00")},
                    {"due_date": date(2025, 5, 9), "amount": Decimal("30.00")},
                ],
                "vat_breakdown": [],
                "preceding_invoices": [],
            }
        ],
        "disputes": [
            {
                "source_sha256": "disputes",
                "source_row": row,
                "third_party_code": "MARTIN",
                "document_number": "F1",
                "opened_on": opened_on,
                "closed_on": closed_on,
                "amount": Decimal("20.00"),
            }
            for row, opened_on, closed_on in (
                (2, date(2025, 4, 10), date(2025, 4, 20)),
                (3, date(2025, 5, 10), None),
            )
        ],
        "promises": [
            {
                "source_sha256": "promises",
                "source_row": row,
                "third_party_code": "MARTIN",
                "document_number": document,
                "promised_on": date(2025, 5, 20),
                "promised_date": date(2025, 6, 10),
                "amount": Decimal("60.00"),
            }
            for row, document in ((2, "F1"), (3, None))
        ],
        "dunning_events": [
            {
                "source_sha256": "dunning_events",
                "source_row": row,
                "third_party_code": "MARTIN",
                "document_number": document,
                "sent_on": date(2025, 4, 17),
                "level": "1",
            }
            for row, document in ((2, "F1"), (3, None))
        ],
        "fx_rates": [
            {
                "source_sha256": "fx_rates",
                "source_row": row,
                "rate_date": rate_date,
                "currency": "USD",
                "base_currency": "EUR",
                "rate": Decimal("1.0856"),
            }
            for row, rate_date in ((2, date(2025, 3, 10)), (3, date(2025, 3, 11)))
        ],
        "decisions": [
            {
                "source_sha256": "decisions",
                "source_row": row,
                "decision": decision,
                "decision_ref": reference,
                "decided_by": "ana",
                "decided_on": decided_on,
            }
            | subject
            for row, decision, reference, decided_on, subject in (
                (2, "match", "R1", date(2025, 5, 2), {"object_id": "b1", "counterpart_id": "l1"}),
                (3, "match", "R1", date(2025, 5, 2), {"object_id": "b1", "counterpart_id": "l2"}),
                (4, "forget", "R1", date(2025, 5, 9), {}),
                (
                    5,
                    "alias",
                    "R2",
                    date(2025, 5, 9),
                    {"iban": "FR1420041010050500013M02606", "third_party_id": "acme/customer/M"},
                ),
            )
        ],
        "quarantined_rows": [],
        "source_files": [
            source_file(
                "ledger",
                "ledger",
                2,
                period_start=date(2025, 1, 1),
                period_end=date(2025, 5, 31),
                median_date=date(2025, 3, 10),
                closing_date_in_name=date(2025, 12, 31),
            ),
            source_file("bank", "bank_statement", 3),
            source_file("third_parties", "third_parties", 2),
            source_file("invoices", "invoices", 2),
            source_file("disputes", "disputes", 2),
            source_file("promises", "promises", 2),
            source_file("dunning_events", "dunning_events", 2),
            source_file("fx_rates", "fx_rates", 2, company_id=None),
            source_file("e_invoice", "e_invoice", 1),
            source_file("decisions", "decisions", 4),
        ],
    }


@pytest.fixture
def landing() -> Landing:
    return deepcopy(sound_landing())


@pytest.fixture(scope="session")
def connect() -> Callable[[Landing], duckdb.DuckDBPyConnection]:
    """Makes an in-memory working database of landed rows, for the caller to close."""
    return working_database


@pytest.fixture
def database() -> Iterator[Callable[[Landing], duckdb.DuckDBPyConnection]]:
    """Makes an in-memory working database of landed rows."""
    connections = []

    def build(landing: Landing) -> duckdb.DuckDBPyConnection:
        connections.append(working_database(landing))
        return connections[-1]

    yield build
    for connection in connections:
        connection.close()


@pytest.fixture
def context() -> RunContext:
    return CONTEXT


def working_database(landing: Landing) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema landing; create schema run")
    for table, schema in LANDED_TABLES.items():
        nullable = pa.schema([field.with_nullable(True) for field in schema])
        store(connection, f"landing.{table}", pa.Table.from_pylist(landing.get(table, []), nullable))
    context = {"run_id": CONTEXT.run_id, "as_of_date": KNOWN_AT, "known_at_date": KNOWN_AT}
    store(connection, "run.context", pa.Table.from_pylist([context], RUN_CONTEXT))
    return connection


def store(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    connection.register("rows_to_store", rows)
    connection.execute(f"create table {name} as select * from rows_to_store")
    connection.unregister("rows_to_store")
