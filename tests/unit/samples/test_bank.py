"""The generated statements chain, add up, and mirror the ledger's bank lines as the truth says they do."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest


@pytest.mark.parametrize(
    ("company_id", "account"),
    [("brindille-conseil", "bank"), ("brindille-conseil", "livret"), ("comptoir-des-embruns", "bank")],
)
def test_statements_chain_and_add_up(clean, company_id, account):
    statements = clean.statements(company_id, account)
    assert len(statements) >= 18
    for statement in statements:
        assert statement.opening + sum(entry.amount for entry in statement.entries) == statement.closing
        assert all(statement.first <= entry.day <= statement.last for entry in statement.entries)
    for before, after in pairwise(statements):
        assert after.opening == before.closing
        assert after.first == before.last + timedelta(days=1)


def test_the_account_stays_in_credit(clean, company_id):
    assert min(statement.closing for statement in clean.statements(company_id)) > 0


def test_two_versions_monthly_and_weekly(clean):
    assert {s.version for s in clean.statements("brindille-conseil")} == {"001.02"}
    assert {s.version for s in clean.statements("comptoir-des-embruns")} == {"001.08"}
    assert len(clean.statements("brindille-conseil")) == 18
    assert len(clean.statements("comptoir-des-embruns")) == 79


def test_details_add_up_to_their_batch(clean, company_id):
    batches = [e for s in clean.statements(company_id) for e in s.entries if e.details]
    assert len(batches) > 5
    assert max(len(entry.details) for entry in batches) > 1
    for entry in batches:
        assert sum(entry.details) == entry.amount


def test_the_truth_holds_every_movement_of_the_files(clean, company_id):
    in_files = sorted(
        (entry.reference, ordinal, entry.day, amount)
        for account in ("bank", "livret")
        for statement in clean.statements(company_id, account)
        for entry in statement.entries
        for ordinal, amount in (enumerate(entry.details, start=1) if entry.details else [(0, entry.amount)])
    )
    in_truth = sorted(
        (row["bank_entry_reference"], row["detail_ordinal"], row["booking_date"], row["amount"])
        for row in clean.truth.bank_transactions.to_pylist()
        if row["company_id"] == company_id
    )
    assert in_files == in_truth


def sides(sample, company_id, *, iban=None, account=None):
    """Per match: what the bank says, what the ledger says, and its scenario; of one account or of all."""
    bank, ledger = defaultdict(Decimal), defaultdict(Decimal)
    scenarios = {}
    for row in sample.truth.bank_transactions.to_pylist():
        if row["company_id"] == company_id and iban in (None, row["iban"]):
            bank[row["match"]] += row["amount"]
            scenarios[row["match"]] = row["scenario"]
    for row in sample.truth.ledger_bank_lines.to_pylist():
        if row["company_id"] == company_id and account in (None, row["account_code"]):
            ledger[row["match"]] += row["amount"]
            scenarios[row["match"]] = row["scenario"]
    return bank, ledger, scenarios


def test_what_belongs_together_is_equal_but_for_fees_and_slips(large):
    unequal = defaultdict(list)
    for company_id in ("brindille-conseil", "comptoir-des-embruns"):
        bank, ledger, scenarios = sides(large, company_id)
        both = bank.keys() & ledger.keys()
        assert len(both) > 300
        for match in both:
            if bank[match] != ledger[match]:
                unequal[scenarios[match]].append((bank[match] - ledger[match], ledger[match]))
    assert unequal.keys() == {"bank_fee", "amount_mistyped", "card_batch"}
    assert all(-25 <= difference <= -5 for difference, _ in unequal["bank_fee"])
    assert all(difference % 9 == 0 for difference, _ in unequal["amount_mistyped"])
    assert all(-(booked / 100) < difference < 0 for difference, booked in unequal["card_batch"])


def test_last_year_s_bank_fees_are_booked(large):
    """What remains of a year that is closed is what the bank paid."""
    lines = {
        (row["company_id"], row["match"]): row["amount"] for row in large.truth.ledger_bank_lines.to_pylist()
    }
    short = defaultdict(set)
    for row in large.truth.bank_transactions.to_pylist():
        if row["scenario"] == "bank_fee" and (row["company_id"], row["match"]) in lines:
            is_short = row["amount"] < lines[row["company_id"], row["match"]]
            short[row["booking_date"].year].add(is_short)
    assert short == {2025: {False}, 2026: {True}}


def test_each_side_lacks_something_at_the_end(clean, company_id):
    bank, ledger, scenarios = sides(clean, company_id)
    not_booked = {scenarios[match] for match in bank.keys() - ledger.keys()}
    assert {"one_invoice", "bank_only"} <= not_booked
    assert len(ledger.keys() - bank.keys()) > 0


@pytest.mark.parametrize(
    ("company_id", "folder", "account"),
    [
        ("brindille-conseil", "bank", "512000"),
        ("brindille-conseil", "livret", "512100"),
        ("comptoir-des-embruns", "bank", "51200000"),
    ],
)
def test_ledger_balance_bank_balance_and_what_each_side_lacks_agree(clean, company_id, folder, account):
    rows = [r for r in clean.rows(company_id) if r.account == account]
    booked = Decimal(sum(r.cents for r in rows if r.year == 2026)) / 100
    last = clean.statements(company_id, folder)[-1]
    bank, ledger, _ = sides(clean, company_id, iban=last.iban, account=account)
    outstanding = sum(bank.values()) - sum(ledger.values())
    assert booked + outstanding == last.closing


def test_truth_points_at_the_ledger_lines_of_the_files(clean, company_id):
    rows = {(row.year, row.row): row for row in clean.rows(company_id)}
    told = [r for r in clean.truth.ledger_bank_lines.to_pylist() if r["company_id"] == company_id]
    for line in told:
        row = rows[line["fiscal_year_end_date"].year, line["source_row"]]
        assert (row.number, row.day, row.cents) == (
            line["entry_number"],
            line["entry_date"],
            int(line["amount"] * 100),
        )
        assert row.account.startswith("512")
    assert len(told) == sum(row.account.startswith("512") and not row.is_opening for row in rows.values())


def test_payments_never_exceed_their_movement(clean):
    paid = defaultdict(Decimal)
    for row in clean.truth.payments.to_pylist():
        paid[row["company_id"], row["bank_entry_reference"], row["detail_ordinal"]] += row["amount"]
    amounts = {
        (row["company_id"], row["bank_entry_reference"], row["detail_ordinal"]): row
        for row in clean.truth.bank_transactions.to_pylist()
    }
    assert len(paid) > 300
    for key, total in paid.items():
        assert total == amounts[key]["amount"], amounts[key]
