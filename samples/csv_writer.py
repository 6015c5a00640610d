"""Writes ``third_parties.csv``, ``invoices.csv`` and ``fx_rates.csv``."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc
from pyarrow import csv

from samples.days import NO_DAY, TERMS, Ints
from samples.documents import (
    CREDIT_NOTE,
    OTHER,
    DocumentTable,
    instalment_amounts,
    instalment_days,
)
from samples.follow_up import FollowUp
from samples.money import decimals
from samples.parties import Parties, vat_number
from samples.profiles import EXPORT, Profile


def _write(path: Path, profile: Profile, table: pa.Table) -> None:
    csv.write_csv(table, path, csv.WriteOptions(delimiter=profile.csv_separator, quoting_style="needed"))


def third_parties_table(profile: Profile, parties: Parties) -> pa.Table:
    """One row per third party, with the columns of ``third_parties.csv``."""
    count, customers = len(parties), parties.customers
    kinds = ["customer"] * customers + ["supplier"] * parties.suppliers
    no_supplier = [""] * parties.suppliers
    billed_in_dollars = (parties.behaviours == EXPORT) & (np.arange(count) < customers)
    return pa.table(
        {
            "company_id": [profile.id] * count,
            "third_party_code": parties.codes,
            "name": parties.names,
            "kind": kinds,
            "siren": parties.sirens,
            "vat_number": [vat_number(siren) for siren in parties.sirens],
            "iban": parties.ibans,
            "payment_terms": [TERMS[i] for i in parties.terms.tolist()],
            "credit_limit": [str(limit) for limit in parties.credit_limits[:customers].tolist()]
            + no_supplier,
            "currency": ["USD" if is_billed else "EUR" for is_billed in billed_in_dollars.tolist()],
            "segment": parties.segments[:customers] + no_supplier,
            "agency": parties.agencies[:customers] + no_supplier,
            "sales_rep": parties.reps[:customers] + no_supplier,
            "email": [f"compta@tiers-{siren}.example" for siren in parties.sirens],
            "language": ["fr"] * count,
        }
    )


def write_third_parties(path: Path, profile: Profile, parties: Parties) -> None:
    """Write ``third_parties.csv`` to ``path``."""
    _write(path, profile, third_parties_table(profile, parties))


def write_invoices(
    path: Path, profile: Profile, documents: DocumentTable, parties: Parties, until: np.datetime64
) -> None:
    """Write the customers' documents up to ``until``: a row each, three for those in instalments."""
    rows = np.flatnonzero(
        (documents.kind != OTHER) & (documents.day <= until) & (documents.party < parties.customers)
    )
    in_parts = documents.has_instalments[rows]
    row = np.repeat(rows, np.where(in_parts, 3, 1))
    starts = np.cumsum(np.where(in_parts, 3, 1)) - np.where(in_parts, 3, 1)
    total, due = documents.total[row], documents.due_day[row]
    vat = documents.vat[row]
    parts = starts[in_parts]
    amounts = instalment_amounts(documents.total[rows[in_parts]])
    vats = instalment_amounts(documents.vat[rows[in_parts]])
    days = instalment_days(documents.day[rows[in_parts]])
    for part in range(3):
        total[parts + part], vat[parts + part], due[parts + part] = amounts[part], vats[part], days[part]
    reference = documents.references.take(pa.array(row))
    is_credit = documents.kind[row] == CREDIT_NOTE
    due = np.where(is_credit, NO_DAY, due)
    table = pa.table(
        {
            "document_number": reference,
            "third_party_code": pa.array(parties.codes).take(pa.array(documents.party[row])),
            "company_id": pa.array([profile.id]).take(pa.array(np.zeros(len(row), dtype=np.int32))),
            "kind": pa.array(["customer"]).take(pa.array(np.zeros(len(row), dtype=np.int32))),
            "document_type": pa.array(["invoice", "credit_note"]).take(pa.array(is_credit.astype(np.int32))),
            "issue_date": pa.array(documents.day[row]),
            "due_date": pa.array(due),
            "currency": pa.array(["EUR"]).take(pa.array(np.zeros(len(row), dtype=np.int32))),
            "total_amount": decimals(total),
            "vat_amount": decimals(vat),
            "payment_reference": pc.replace_substring(reference, "-", ""),
            "order_reference": pa.nulls(len(row), pa.string()),
        }
    )
    _write(path, profile, table)


def write_rates(path: Path, profile: Profile, rates: Ints, start: date, end: date) -> None:
    """Write what a euro is worth in dollars on each day from ``start`` to ``end``."""
    days = np.arange(np.datetime64(start), np.datetime64(end) + 1)
    table = pa.table(
        {
            "rate_date": pa.array(days),
            "currency": ["USD"] * len(days),
            "base_currency": ["EUR"] * len(days),
            "rate": pc.multiply(
                pa.array(rates[: len(days)]).cast(pa.decimal128(19, 0)), pa.scalar(Decimal("0.0001"))
            ),
        }
    )
    _write(path, profile, table)


def write_follow_up(folder: Path, profile: Profile, told: FollowUp) -> list[Path]:
    """Write ``disputes.csv``, ``promises.csv`` and ``dunning_events.csv`` to ``folder``, those that have rows."""
    tables = {
        "disputes": told.disputes.drop_columns(["status"]),
        "promises": told.promises.drop_columns(["status"]),
        "dunning_events": told.dunning_events,
    }
    paths = []
    for name, table in tables.items():
        if len(table):
            paths.append(folder / f"{name}.csv")
            _write(paths[-1], profile, table)
    return paths
