"""The generated statements chain, add up, and mirror the ledger's bank lines as the truth says they do."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise


def test_statements_chain_and_add_up(clean, company_id):
    statements = clean.statements(company_id)
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
        for statement in clean.statements(company_id)
        for entry in statement.entries
        for ordinal, amount in (enumerate(entry.details, start=1) if entry.details else [(0, entry.amount)])
    )
    in_truth = sorted(
        (row["bank_entry_reference"], row["detail_ordinal"], row["booking_date"], row["amount"])
        for row in clean.truth.bank_transactions.to_pylist()
        if row["company_id"] == company_id
    )
    assert in_files == in_truth


def sides(sample, company_id):
    """Per match: what the bank says and what the ledger says."""
    bank, ledger = defaultdict(Decimal), defaultdict(Decimal)
    kinds = {}
    for row in sample.truth.bank_transactions.to_pylist():
        if row["company_id"] == company_id:
            bank[row["match"]] += row["amount"]
            kinds[row["match"]] = row["transaction_kind"]
    for row in sample.truth.ledger_bank_lines.to_pylist():
        if row["company_id"] == company_id:
            ledger[row["match"]] += row["amount"]
    return bank, ledger, kinds


def test_what_belongs_together_is_equal_but_for_card_fees(clean, company_id):
    bank, ledger, kinds = sides(clean, company_id)
    both = bank.keys() & ledger.keys()
    assert len(both) > 300
    unequal = {match: bank[match] - ledger[match] for match in both if bank[match] != ledger[match]}
    assert {kinds[match] for match in unequal} == (
        {"cards_in"} if company_id == "comptoir-des-embruns" else set()
    )
    assert all(-(ledger[m] / 100) < difference < 0 for m, difference in unequal.items())


def test_each_side_lacks_something_at_the_end(clean, company_id):
    bank, ledger, kinds = sides(clean, company_id)
    not_booked = {kinds[match] for match in bank.keys() - ledger.keys()}
    assert "transfer_in" in not_booked
    assert len(ledger.keys() - bank.keys()) > 0


def test_ledger_balance_bank_balance_and_what_each_side_lacks_agree(clean, company_id):
    rows = [r for r in clean.rows(company_id) if r.account.startswith("512")]
    booked = Decimal(sum(r.cents for r in rows if r.year == 2026)) / 100
    bank, ledger, _ = sides(clean, company_id)
    outstanding = sum(bank.values()) - sum(ledger.values())
    assert booked + outstanding == clean.statements(company_id)[-1].closing


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
