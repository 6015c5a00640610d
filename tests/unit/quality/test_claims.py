"""Every claim of every suite holds on sound rows and fails on a row that is known to be bad."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from quality.expectations import validate
from quality.landed import check_landed
from quality.profile import failing_rows, prepare, profile
from quality.suites import load_suites

CLAIMS = {
    f"{suite.name}.{claim.name}": (suite, claim)
    for suite in load_suites()
    for claim in suite.claims
    if not claim.is_about_table
}

LINE, STATEMENT, MOVEMENT = "ledger_lines", "bank_statements", "bank_transactions"
PARTY, INVOICE, FILE = "third_parties", "invoices", "source_files"
E_INVOICE = "e_invoices"
DISPUTE, PROMISE, DUNNING, RATE = "disputes", "promises", "dunning_events", "fx_rates"
DECISION = "decisions"

# Claim → table, row, what the row says instead, and the line that is to be named (None: the file as a whole).
BAD_ROWS = {
    "e_invoices.rows_equal_manifest": (FILE, 8, {"rows_landed": 2}, None),
    "e_invoices.parties_are_named": (E_INVOICE, 0, {"buyer_name": None}, 2),
    "e_invoices.parties_have_an_identifier": (
        E_INVOICE,
        0,
        {"seller_siren": None, "seller_vat_number": None},
        2,
    ),
    "e_invoices.siren_check_digit_is_right": (E_INVOICE, 0, {"buyer_siren": "732829321"}, 2),
    "e_invoices.vat_number_is_right": (E_INVOICE, 0, {"seller_vat_number": "FR45732829320"}, 2),
    "e_invoices.iban_check_digits_are_right": (
        E_INVOICE,
        0,
        {"payee_accounts": ["DE89370400440532013000", "FR1420041010050500013M02607"]},
        2,
    ),
    "e_invoices.payment_reference_check_digits_are_right": (
        E_INVOICE,
        0,
        {"payment_reference": "RF19539007547034"},
        2,
    ),
    "e_invoices.issue_date_is_given": (E_INVOICE, 0, {"issue_date": None}, 2),
    "e_invoices.issue_date_is_not_in_future": (E_INVOICE, 0, {"issue_date": date(2025, 7, 1)}, 2),
    "e_invoices.due_date_is_not_before_issue": (E_INVOICE, 0, {"issue_date": date(2025, 4, 10)}, 2),
    "e_invoices.due_date_is_not_long_after_issue": (E_INVOICE, 0, {"issue_date": date(2020, 5, 8)}, 2),
    "e_invoices.instalments_make_what_is_to_pay": (E_INVOICE, 0, {"payable_amount": Decimal("90.01")}, 2),
    "e_invoices.currency_code_is_iso": (E_INVOICE, 0, {"currency_code": "eur"}, 2),
    "ledger_lines.rows_equal_manifest": (FILE, 0, {"rows_landed": 3}, None),
    "ledger_lines.entry_date_is_given": (LINE, 1, {"entry_date": None}, 3),
    "ledger_lines.account_is_given": (LINE, 1, {"account_code": ""}, 3),
    "ledger_lines.debit_and_credit_are_given": (LINE, 1, {"debit": None}, 3),
    "ledger_lines.amount_is_one_sided": (LINE, 1, {"debit": Decimal("0.01")}, 3),
    "ledger_lines.amount_is_not_negative": (LINE, 1, {"credit": Decimal("-120.00")}, 3),
    "ledger_lines.amount_is_not_zero": (LINE, 1, {"credit": Decimal(0)}, 3),
    "ledger_lines.journal_is_given": (LINE, 1, {"journal_code": None}, 3),
    "ledger_lines.entry_number_is_given": (LINE, 1, {"entry_number": None}, 3),
    "ledger_lines.document_ref_is_given": (LINE, 1, {"document_ref": ""}, 3),
    "ledger_lines.label_is_given": (LINE, 1, {"label": None}, 3),
    "ledger_lines.entry_date_is_not_in_future": (LINE, 1, {"entry_date": date(2025, 7, 1)}, 3),
    "ledger_lines.entry_date_is_near_the_files": (LINE, 1, {"entry_date": date(2023, 3, 9)}, 3),
    "ledger_lines.document_date_is_not_long_after_entry": (LINE, 1, {"document_date": date(2026, 3, 11)}, 3),
    "ledger_lines.document_date_is_not_long_before_entry": (LINE, 1, {"document_date": date(2015, 3, 9)}, 3),
    "ledger_lines.due_date_is_not_before_document": (LINE, 1, {"due_date": date(2025, 3, 9)}, 3),
    "ledger_lines.letter_date_has_its_code": (LINE, 1, {"letter_code": None}, 3),
    "ledger_lines.currency_code_is_iso": (LINE, 1, {"currency_code": "usd"}, 3),
    "ledger_lines.currency_amount_has_its_code": (LINE, 1, {"currency_code": None}, 3),
    "ledger_entries.entry_balances": (LINE, 1, {"entry_number": "2"}, 2),
    "ledger_journals.journal_balances": (LINE, 1, {"journal_code": "OD"}, 2),
    "ledger_files.file_balances": (LINE, 1, {"credit": Decimal("119.99")}, None),
    "bank_statements.account_is_given": (STATEMENT, 0, {"account_number": ""}, 5),
    "bank_statements.iban_check_digits_are_right": (
        STATEMENT,
        0,
        {"account_number": "FR14 2004 1010 0505 0001 3M02 607"},
        5,
    ),
    "bank_statements.account_currency_is_given": (STATEMENT, 0, {"account_currency": None}, 5),
    "bank_statements.currency_code_is_iso": (STATEMENT, 0, {"account_currency": "EURO"}, 5),
    "bank_statements.opening_balance_is_given": (STATEMENT, 0, {"opening_balance": None}, 5),
    "bank_statements.closing_balance_is_given": (STATEMENT, 0, {"closing_balance": None}, 5),
    "bank_statements.statement_adds_up": (STATEMENT, 0, {"closing_balance": Decimal("130.00001")}, 5),
    "bank_statements.entries_are_all_landed": (STATEMENT, 0, {"entry_count": 3}, 5),
    "bank_statements.dates_are_in_order": (STATEMENT, 0, {"from_date": date(2025, 3, 15)}, 5),
    "bank_statements.closing_date_is_not_in_future": (STATEMENT, 0, {"closing_date": date(2025, 7, 1)}, 5),
    "bank_entries.details_add_up": (MOVEMENT, 1, {"amount": Decimal("10.00")}, 20),
    "bank_transactions.rows_equal_manifest": (FILE, 1, {"rows_landed": 2}, None),
    "bank_transactions.booking_date_is_given": (MOVEMENT, 2, {"booking_date": None}, 40),
    "bank_transactions.amount_is_given": (MOVEMENT, 2, {"amount": None}, 40),
    "bank_transactions.amount_is_not_zero": (MOVEMENT, 2, {"amount": Decimal(0)}, 40),
    "bank_transactions.booking_date_is_not_in_future": (MOVEMENT, 2, {"booking_date": date(2025, 7, 1)}, 40),
    "bank_transactions.booking_date_is_in_statement": (MOVEMENT, 2, {"booking_date": date(2025, 3, 22)}, 40),
    "bank_transactions.value_date_is_near_booking": (MOVEMENT, 2, {"value_date": date(2026, 3, 12)}, 40),
    "bank_transactions.currency_code_is_iso": (MOVEMENT, 2, {"currency_code": "€"}, 40),
    "bank_transactions.currency_is_the_accounts": (MOVEMENT, 2, {"currency_code": "CHF"}, 40),
    "bank_transactions.counterparty_iban_check_digits_are_right": (
        MOVEMENT,
        2,
        {"counterparty_iban": "DE89370400440532013001"},
        40,
    ),
    "bank_transactions.creditor_reference_check_digits_are_right": (
        MOVEMENT,
        2,
        {"structured_reference": "RF19539007547034"},
        40,
    ),
    "bank_transactions.original_amount_has_its_currency": (MOVEMENT, 2, {"original_currency_code": None}, 40),
    "third_parties.rows_equal_manifest": (FILE, 2, {"rows_landed": 1}, None),
    "third_parties.third_party_code_is_given": (PARTY, 1, {"third_party_code": ""}, 3),
    "third_parties.company_is_known": (FILE, 2, {"company_id": None}, 2),
    "third_parties.kind_is_known": (PARTY, 1, {"kind": "client"}, 3),
    "third_parties.third_party_is_listed_once": (PARTY, 1, {"third_party_code": "MARTIN"}, 2),
    "third_parties.name_is_given": (PARTY, 1, {"name": None}, 3),
    "third_parties.siren_is_right": (PARTY, 1, {"siren": "732829321"}, 3),
    "third_parties.vat_number_is_right": (PARTY, 1, {"vat_number": "FR45732829320"}, 3),
    "third_parties.iban_check_digits_are_right": (
        PARTY,
        1,
        {"iban": "FR1420041010050500013M02606|DE89370400440532013001"},
        3,
    ),
    "third_parties.credit_limit_is_not_negative": (PARTY, 1, {"credit_limit": Decimal("-0.01")}, 3),
    "third_parties.currency_code_is_iso": (PARTY, 1, {"currency": "EU"}, 3),
    "third_parties.email_has_its_shape": (PARTY, 1, {"email": "compta@martin"}, 3),
    "invoices.rows_equal_manifest": (FILE, 3, {"rows_landed": 1}, None),
    "invoices.document_number_is_given": (INVOICE, 1, {"document_number": ""}, 3),
    "invoices.company_is_known": (FILE, 3, {"company_id": None}, 2),
    "invoices.kind_is_known": (INVOICE, 1, {"kind": ""}, 3),
    "invoices.document_type_is_known": (INVOICE, 1, {"document_type": "receipt"}, 3),
    "invoices.date_or_amount_is_given": (
        INVOICE,
        1,
        {"issue_date": None, "due_date": None, "total_amount": None},
        3,
    ),
    "invoices.third_party_is_given": (INVOICE, 1, {"third_party_code": None}, 3),
    "invoices.due_date_is_not_before_issue": (INVOICE, 1, {"due_date": date(2025, 3, 9)}, 3),
    "invoices.due_date_is_not_long_after_issue": (INVOICE, 1, {"due_date": date(2030, 3, 11)}, 3),
    "invoices.issue_date_is_not_in_future": (INVOICE, 1, {"issue_date": date(2025, 7, 1)}, 3),
    "invoices.amount_is_not_zero": (INVOICE, 1, {"total_amount": Decimal(0)}, 3),
    "invoices.currency_code_is_iso": (INVOICE, 1, {"currency": "eur"}, 3),
    "invoice_documents.instalments_agree": (INVOICE, 1, {"currency": "USD"}, 2),
    "invoice_documents.instalments_have_own_due_dates": (INVOICE, 1, {"due_date": date(2025, 4, 9)}, 2),
    "invoice_documents.instalments_have_one_sign": (INVOICE, 1, {"total_amount": Decimal("-60.00")}, 2),
    "invoice_documents.vat_is_within_total": (INVOICE, 1, {"vat_amount": Decimal("110.01")}, 2),
    "disputes.rows_equal_manifest": (FILE, 4, {"rows_landed": 1}, None),
    "disputes.document_number_is_given": (DISPUTE, 1, {"document_number": ""}, 3),
    "disputes.company_is_known": (FILE, 4, {"company_id": None}, 2),
    "disputes.opened_on_is_given": (DISPUTE, 1, {"opened_on": None}, 3),
    "disputes.third_party_is_given": (DISPUTE, 1, {"third_party_code": None}, 3),
    "disputes.closed_on_is_not_before_opened": (DISPUTE, 1, {"closed_on": date(2025, 5, 9)}, 3),
    "disputes.opened_on_is_not_in_future": (DISPUTE, 1, {"opened_on": date(2025, 7, 1)}, 3),
    "disputes.amount_is_positive": (DISPUTE, 1, {"amount": Decimal(0)}, 3),
    "promises.rows_equal_manifest": (FILE, 5, {"rows_landed": 1}, None),
    "promises.document_or_third_party_is_given": (PROMISE, 1, {"third_party_code": None}, 3),
    "promises.company_is_known": (FILE, 5, {"company_id": None}, 2),
    "promises.promised_date_is_given": (PROMISE, 1, {"promised_date": None}, 3),
    "promises.promised_date_is_not_before_promise": (PROMISE, 1, {"promised_date": date(2025, 5, 19)}, 3),
    "promises.promised_date_is_not_long_after": (PROMISE, 1, {"promised_date": date(2027, 5, 21)}, 3),
    "promises.promised_on_is_not_in_future": (PROMISE, 1, {"promised_on": date(2025, 7, 1)}, 3),
    "promises.amount_is_positive": (PROMISE, 1, {"amount": Decimal("-60.00")}, 3),
    "dunning_events.rows_equal_manifest": (FILE, 6, {"rows_landed": 1}, None),
    "dunning_events.document_or_third_party_is_given": (DUNNING, 1, {"third_party_code": None}, 3),
    "dunning_events.company_is_known": (FILE, 6, {"company_id": None}, 2),
    "dunning_events.sent_on_is_given": (DUNNING, 1, {"sent_on": None}, 3),
    "dunning_events.level_is_given": (DUNNING, 1, {"level": None}, 3),
    "dunning_events.sent_on_is_not_in_future": (DUNNING, 1, {"sent_on": date(2025, 7, 1)}, 3),
    "fx_rates.rows_equal_manifest": (FILE, 7, {"rows_landed": 1}, None),
    "fx_rates.rate_date_is_given": (RATE, 1, {"rate_date": None}, 3),
    "fx_rates.currency_codes_are_iso": (RATE, 1, {"base_currency": "euro"}, 3),
    "fx_rates.rate_is_positive": (RATE, 1, {"rate": Decimal(0)}, 3),
    "fx_rates.rate_of_a_currency_to_itself_is_one": (RATE, 1, {"currency": "EUR"}, 3),
    "fx_rates.day_has_one_rate": (
        RATE,
        1,
        {"rate_date": date(2025, 3, 10), "rate": Decimal("1.0857")},
        2,
    ),
    "fx_rates.rate_date_is_not_in_future": (RATE, 1, {"rate_date": date(2025, 7, 1)}, 3),
    "decisions.rows_equal_manifest": (FILE, 9, {"rows_landed": 1}, None),
    "decisions.company_is_known": (FILE, 9, {"company_id": None}, 2),
    "decisions.decision_names_its_subject": (DECISION, 1, {"counterpart_id": None}, 3),
    "decisions.reviewer_is_named": (DECISION, 1, {"decided_by": None}, 3),
    "decisions.decided_on_is_not_in_future": (DECISION, 3, {"decided_on": date(2025, 7, 1)}, 5),
    "decisions.decision_ref_is_of_one_decision": (DECISION, 1, {"decided_on": date(2025, 5, 3)}, 2),
    "decisions.iban_check_digits_are_right": (DECISION, 3, {"iban": "FR1420041010050500013M02607"}, 5),
    "source_files.company_is_known": (FILE, 0, {"company_id": None}, None),
    "source_files.no_row_is_quarantined": (FILE, 0, {"rows_quarantined": 1, "rows_read": 3}, None),
    "source_files.most_rows_are_read": (FILE, 0, {"rows_quarantined": 3, "rows_read": 100}, None),
    "source_files.period_is_not_too_long": (FILE, 0, {"period_start": date(2023, 5, 30)}, None),
    "source_files.name_agrees_with_content": (FILE, 0, {"closing_date_in_name": date(2024, 12, 31)}, None),
}

# What is unusual and nevertheless right: edges of thresholds, and values that a claim does not speak of.
SOUND_EDGES = [
    *(
        (f"bank_statements.{claim}", STATEMENT, 0, {"statement_kind": kind, **values})
        for kind in ("report", "notification")
        for claim, values in (
            ("opening_balance_is_given", {"opening_balance": None}),
            ("closing_balance_is_given", {"closing_balance": None}),
            ("statement_adds_up", {"closing_balance": Decimal("130.00001")}),
        )
    ),
    ("ledger_lines.amount_is_one_sided", LINE, 1, {"debit": Decimal(0), "credit": Decimal("-5.00")}),
    ("e_invoices.due_date_is_not_before_issue", E_INVOICE, 0, {"issue_date": date(2025, 4, 9)}),
    ("e_invoices.due_date_is_not_long_after_issue", E_INVOICE, 0, {"issue_date": date(2020, 5, 9)}),
    (
        "e_invoices.instalments_make_what_is_to_pay",
        E_INVOICE,
        0,
        {"instalments": [{"due_date": date(2025, 4, 9), "amount": None}]},
    ),
    ("e_invoices.instalments_make_what_is_to_pay", E_INVOICE, 0, {"instalments": []}),
    ("e_invoices.iban_check_digits_are_right", E_INVOICE, 0, {"payee_accounts": ["00012345678"]}),
    ("e_invoices.parties_have_an_identifier", E_INVOICE, 0, {"seller_siren": None}),
    ("ledger_lines.entry_date_is_not_in_future", LINE, 1, {"entry_date": date(2025, 6, 30)}),
    ("ledger_lines.entry_date_is_near_the_files", LINE, 1, {"entry_date": date(2023, 3, 10)}),
    ("ledger_lines.document_date_is_not_long_after_entry", LINE, 1, {"document_date": date(2026, 3, 10)}),
    ("ledger_lines.document_date_is_not_long_before_entry", LINE, 1, {"document_date": date(2015, 3, 10)}),
    ("ledger_lines.due_date_is_not_before_document", LINE, 1, {"due_date": date(2025, 3, 10)}),
    ("ledger_lines.letter_date_has_its_code", LINE, 1, {"letter_code": None, "letter_date": None}),
    ("ledger_lines.currency_code_is_iso", LINE, 1, {"currency_code": None}),
    (
        "ledger_lines.currency_amount_has_its_code",
        LINE,
        1,
        {"amount_currency": Decimal(0), "currency_code": None},
    ),
    ("ledger_entries.entry_balances", LINE, 0, {"debit": Decimal(0), "credit": Decimal("-120.00")}),
    ("bank_statements.iban_check_digits_are_right", STATEMENT, 0, {"account_number": "00012345678"}),
    ("bank_statements.statement_adds_up", STATEMENT, 0, {"opening_balance": None}),
    ("bank_transactions.booking_date_is_in_statement", MOVEMENT, 2, {"booking_date": date(2025, 3, 21)}),
    ("bank_transactions.counterparty_iban_check_digits_are_right", MOVEMENT, 2, {"counterparty_iban": None}),
    (
        "bank_transactions.creditor_reference_check_digits_are_right",
        MOVEMENT,
        2,
        {"structured_reference": "F1"},
    ),
    (
        "third_parties.third_party_is_listed_once",
        PARTY,
        1,
        {"third_party_code": "MARTIN", "kind": "supplier"},
    ),
    ("third_parties.third_party_is_listed_once", PARTY, 1, {"third_party_code": "martin"}),
    ("third_parties.vat_number_is_right", PARTY, 1, {"vat_number": "DE136695976"}),
    (
        "third_parties.iban_check_digits_are_right",
        PARTY,
        1,
        {"iban": "GB82WEST12345698765432 | BE68539007547034"},
    ),
    ("invoices.due_date_is_not_long_after_issue", INVOICE, 1, {"due_date": date(2030, 3, 10)}),
    ("invoices.date_or_amount_is_given", INVOICE, 1, {"issue_date": None, "due_date": None}),
    ("invoice_documents.vat_is_within_total", INVOICE, 1, {"vat_amount": Decimal("65.00")}),
    ("disputes.closed_on_is_not_before_opened", DISPUTE, 1, {"closed_on": date(2025, 5, 10)}),
    ("promises.promised_date_is_not_long_after", PROMISE, 1, {"promised_date": date(2027, 5, 20)}),
    ("promises.promised_date_is_not_before_promise", PROMISE, 1, {"promised_on": None}),
    ("fx_rates.day_has_one_rate", RATE, 1, {"rate_date": date(2025, 3, 10)}),
    ("fx_rates.rate_of_a_currency_to_itself_is_one", RATE, 1, {"currency": "EUR", "rate": Decimal(1)}),
    ("decisions.decision_names_its_subject", DECISION, 2, {"decision_ref": "R9"}),
    ("decisions.decision_ref_is_of_one_decision", DECISION, 2, {"decided_by": "bob"}),
    ("decisions.decided_on_is_not_in_future", DECISION, 3, {"decided_on": date(2025, 6, 30)}),
    ("source_files.company_is_known", FILE, 2, {"company_id": None}),
    ("source_files.most_rows_are_read", FILE, 0, {"rows_quarantined": 2, "rows_read": 100}),
    ("source_files.period_is_not_too_long", FILE, 0, {"period_start": date(2023, 5, 31)}),
    ("source_files.name_agrees_with_content", FILE, 0, {"closing_date_in_name": date(2025, 3, 10)}),
]


def the_result(connection, claim_id, source_file):
    suite, claim = CLAIMS[claim_id]
    results = check_landed(connection, "run-1", (replace(suite, claims=(claim,)),))
    [result] = [result for result in results if result.source_file == source_file]
    return result


def file_of(landing, table, row):
    """The file whose check is to tell: the row's own, or the file that the changed manifest record describes."""
    sha = landing[table][row]["source_sha256"]
    [path] = [file["source_file"] for file in landing["source_files"] if file["source_sha256"] == sha]
    return path


def test_every_claim_holds_on_sound_rows(landing, database):
    results = check_landed(database(landing), "run-1")
    assert [
        (result.suite, result.expectation, result.detail) for result in results if not result.passed
    ] == []
    assert {f"{result.suite}.{result.expectation}" for result in results if result.source_file} == set(CLAIMS)


@pytest.mark.parametrize("claim_id", CLAIMS)
def test_claim_fails_on_a_bad_row(claim_id, landing, database):
    suite, claim = CLAIMS[claim_id]
    if claim.name == "file_has_rows":
        [file] = [file for file in landing["source_files"] if file["kind"] == suite.kind]
        landing[suite.table] = []
        source_file, line, places = file["source_file"], None, 0
    else:
        table, row, change, line = BAD_ROWS[claim_id]
        source_file = file_of(landing, table, row)
        landing[table][row] |= change
        places = 1 if claim.fails_when else 0
    result = the_result(database(landing), claim_id, source_file)
    assert result.is_evaluated
    assert not result.passed
    assert result.severity == claim.severity
    assert result.failed_count >= 1
    assert [(row.source_file, row.source_row) for row in result.failing_rows[:1]] == [
        (source_file, line)
    ] * places
    assert all(row.what and row.what != claim.reason for row in result.failing_rows)


@pytest.mark.parametrize(("claim_id", "table", "row", "change"), SOUND_EDGES)
def test_claim_holds_at_its_edge(claim_id, table, row, change, landing, database):
    landing[table][row] |= change
    assert the_result(database(landing), claim_id, file_of(landing, table, row)).passed


def test_bad_rows_are_of_claims_that_exist():
    assert set(BAD_ROWS) <= set(CLAIMS)


@pytest.mark.parametrize("suite", load_suites(), ids=lambda suite: suite.name)
def test_a_file_that_was_not_looked_at_fails_the_row_count(suite, landing, database):
    connection = database(landing)
    prepare(connection)
    frame = profile(connection, suite).frame
    of_table = {
        looked_at: {
            verdict.claim: verdict.passed for verdict in validate([(suite, rows, len(frame))])[suite.name]
        }
        for looked_at, rows in (("all", frame), ("none", frame.iloc[:0]))
    }
    assert of_table["all"]["every_landed_file_is_profiled"]
    assert not of_table["none"]["every_landed_file_is_profiled"]


@pytest.mark.parametrize("suite", load_suites(), ids=lambda suite: suite.name)
def test_subjects_and_predicates_name_only_canonical_columns(suite, database):
    """The landing holds the canonical tables and nothing else, so any other column or table cannot be resolved."""
    connection = database({})
    prepare(connection)
    assert profile(connection, suite).errors == {}
    for claim in suite.claims:
        if claim.fails_when:
            assert failing_rows(connection, suite, claim) == {}


@pytest.mark.parametrize("suite", load_suites(), ids=lambda suite: suite.name)
def test_claims_say_how_severe_they_are_and_why(suite):
    for claim in suite.claims:
        meta = claim.expectation["meta"]
        assert meta["severity"] in ("error", "warning")
        assert meta["reason"].endswith(".")
        assert (claim.fails_when is None) == (claim.what is None)
        threshold = meta.get("threshold", {})
        assert ("{threshold}" in (meta.get("fails_when") or "")) == bool(threshold)
        if threshold:
            assert date.fromisoformat(threshold["decided_on"])
            assert threshold["reason"].endswith(".")
