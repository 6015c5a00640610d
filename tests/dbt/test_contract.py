"""The public contract: every mart's columns, as promised to whoever reads them."""

import re
from typing import Any

import pytest

ITEM = """
    item_id company_id ledger_side third_party_id account_code item_type document_ref journal_code entry_number
    entry_date document_date due_date due_date_source currency_code original_amount original_amount_currency is_doubtful
    is_validated settled_date base_currency
"""

PROMISED = {
    "dim_companies": "company_id name base_currency",
    "dim_third_parties": """
        third_party_id company_id kind third_party_code name siren vat_number ibans payment_terms credit_limit segment
        agency sales_rep email language
    """,
    "dim_bank_accounts": "bank_account_id company_id iban currency_code ledger_account",
    "dim_dates": "date_day",
    "dim_ageing_buckets": "ageing_bucket_code bucket_order from_days to_days label_fr label_en",
    "dim_runs": "run_id as_of_date known_at_date started_at finished_at is_current is_verified is_last_of_month",
    "fct_items": ITEM,
    "fct_open_items": f"""
        {ITEM} as_of_date open_item_id settled_amount open_amount projected_open_amount days_past_due ageing_bucket_code
        status is_disputed disputed_amount is_promised
    """,
    "fct_ageing_snapshots": """
        as_of_date known_at_date company_id ledger_side third_party_id currency_code ageing_bucket_code open_amount
        item_count base_currency
    """,
    "fct_open_items_history": "as_of_date known_at_date item_id open_amount days_past_due ageing_bucket_code",
    "fct_ageing_snapshot_dates": "as_of_date known_at_date run_id total is_latest is_last_of_month",
    "mart_aged_balance": """
        as_of_date company_id ledger_side third_party_id name agency sales_rep total_amount overdue_amount not_due_3
        not_due_2 not_due_1 overdue_1 overdue_2 overdue_3 overdue_4 unapplied undated base_currency
    """,
    "fct_settlements": """
        settlement_id company_id third_party_id debit_item_id credit_item_id debit_document_ref credit_document_ref
        debit_entry_number credit_entry_number amount effective_date settlement_kind source status letter_code
        match_rule match_score days_to_pay bank_transaction_id match_id
    """,
    "mart_collection_worklist": """
        as_of_date company_id third_party_id name agency sales_rep priority_rank priority_score amount_score age_score
        risk_score outstanding_amount overdue_amount oldest_days_past_due disputed_amount promised_amount promised_date
        expected_amount headroom_amount advice last_action last_action_date last_action_remark next_action
        next_action_date comment base_currency
    """,
    "fct_disputes": """
        dispute_id as_of_date company_id ledger_side third_party_id document_ref opened_on closed_on reason
        disputed_amount amount_at_stake status age_days source base_currency
    """,
    "fct_promises": """
        promise_id as_of_date company_id ledger_side third_party_id document_ref promised_on promised_date
        promised_amount kept_amount status amount_at_stake days_late source base_currency
    """,
    "fct_bank_transactions": """
        bank_transaction_id bank_account_id statement_id bank_entry_reference booking_date value_date amount
        currency_code amount_base transaction_kind remittance_text structured_reference end_to_end_id counterparty_name
        counterparty_iban return_reason source_file source_row
    """,
    "fct_ledger_lines": """
        ledger_line_id company_id fiscal_year_end_date journal_code entry_number entry_date account_code account_role
        third_party_id document_ref document_date label debit credit amount_currency currency_code letter_code
        is_opening is_validated source_file source_row
    """,
    "fct_collection_forecast": """
        as_of_date item_id company_id third_party_id customer_group week_number week_start_date week_end_date
        probability expected_amount base_currency
    """,
    "fct_collection_forecast_weeks": """
        as_of_date company_id customer_group week_number week_start_date week_end_date expected_amount p10_amount
        p50_amount p90_amount base_currency
    """,
    "fct_forecast_backtest": """
        origin_date company_id customer_group week_number week_start_date week_end_date forecast_amount p10_amount
        p50_amount p90_amount actual_amount baseline_due_date_amount baseline_average_lateness_amount base_currency
    """,
    "fct_cash_plan": """
        as_of_date company_id bank_account_id week_number week_start_date week_end_date opening_balance
        receipts_expected receipts_p10 receipts_p50 receipts_p90 supplier_payments recurring_flows closing_balance
        closing_p10 closing_p90 minimum_balance is_below_threshold is_below_threshold_p10 supplier_payments_beyond
        statement_date statement_balance books_only_amount currency_code
    """,
    "fct_recurring_flows": """
        recurring_flow_id as_of_date company_id bank_account_id direction flow_key label category rhythm usual_day
        typical_amount spread_amount occurrence_count bank_transaction_count first_date last_date last_occurrence_date
        last_bank_transaction_id known_until_date missed_count confidence is_expected next_expected_date currency_code
    """,
    "fct_recurring_flow_members": """
        recurring_flow_id bank_transaction_id company_id bank_account_id rhythm usual_day occurrence_date booking_date
        amount currency_code
    """,
    "fct_dunning_items": """
        as_of_date item_id company_id third_party_id document_ref due_date days_past_due is_overdue open_amount
        projected_open_amount disputed_amount dunning_amount state reason exclusion_reason waiting_until_date action_id
        level channel tone language email last_level last_sent_on why_fr why_en base_currency
    """,
    "fct_dunning_actions": """
        action_id as_of_date company_id third_party_id level level_name channel tone language email item_count amount
        oldest_days_past_due penalty_amount fixed_compensation_amount is_rate_published credit_amount last_level
        last_sent_on why_fr why_en base_currency
    """,
    "fct_item_matches": """
        match_id use company_id bank_account_id match_status match_rule match_score match_cardinality payment_amount
        document_amount residual_amount residual_reason evidence
    """,
    "fct_item_match_members": "match_id side object_id amount",
    "dim_match_rules": "match_rule label_fr label_en explanation_fr explanation_en",
    "fct_bank_matches": """
        match_id company_id bank_account_id bank_amount ledger_amount residual_amount residual_reason match_status
        match_rule match_score match_cardinality matched_on evidence
    """,
    "fct_bank_match_members": "match_id side object_id amount",
    "fct_bank_reconciliation": """
        match_id bank_account_id bank_transaction_id bank_entry_reference ledger_line_id ledger_entry_number
        matched_amount match_status match_rule match_score match_cardinality
    """,
    "fct_bank_reconciliation_statements": """
        bank_account_id company_id currency_code as_of_date bank_balance ledger_balance ledger_not_at_bank
        bank_not_in_ledger residual statement_gap opening_unreconciled adjusted_bank_balance adjusted_ledger_balance
        difference
    """,
    "fct_bank_reconciliation_statement_items": """
        bank_account_id company_id as_of_date category object_id object_date amount currency_code label match_id
    """,
    "fct_reconciliation_status": """
        run_id as_of_date known_at_date company_id bank_account_id ledger_account currency_code matched_count
        matched_amount proposed_count proposed_amount unreconciled_count unreconciled_amount oldest_days
        previous_unreconciled_count previous_unreconciled_amount previous_oldest_days
    """,
    "fct_reconciliation_exceptions": """
        exception_id as_of_date company_id side object_id reason_code amount currency_code age_days severity
        explanation_fr explanation_en suggestion status assigned_to first_seen_date
    """,
    "fct_source_files": """
        source_file sha256 kind dialect company_id first_seen_at status reason rows_read rows_landed rows_quarantined
        period_start period_end
    """,
    "fct_control_totals": "run_id company_id control_name subject expected actual difference passed is_blocking",
    "fct_payment_behaviour": """
        as_of_date company_id ledger_side third_party_id payment_count document_count paid_amount average_days_to_pay
        weighted_days_to_pay average_days_late weighted_days_late on_time_share weighted_on_time_share
        spread_days trend_days last_payment_date last_payment_amount returned_count returned_amount sales_amount
        behaviour_segment weight_class base_currency
    """,
    "fct_receivable_kpis": """
        as_of_date company_id level level_key third_party_id outstanding_amount current_amount overdue_amount
        overdue_share sales_amount_12_months dso_days dso_reason dso_3_months_days dso_count_back_days
        dso_count_back_reason best_possible_dso_days average_days_delinquent collection_effectiveness_index
        weighted_days_to_pay base_currency
    """,
    "fct_credit_exposure": """
        as_of_date company_id third_party_id receivable_amount bill_amount discounted_amount exposure_amount
        credit_limit headroom_amount oldest_overdue_days behaviour_segment overdue_points lateness_points limit_points
        returned_points promise_points risk_score advice advice_reason base_currency
    """,
    "fct_provision_matrix": """
        as_of_date company_id segment ageing_bucket_code observed_item_count observed_amount lost_amount rate_source
        loss_rate open_amount expected_loss_amount base_currency
    """,
    "fct_doubtful_receivables": """
        as_of_date item_id company_id third_party_id document_ref days_past_due is_doubtful doubtful_reason open_amount
        amount_excluding_vat specific_rate specific_amount matrix_rate matrix_amount base_currency
    """,
    "fct_quality_results": "run_id suite expectation passed",
    "fct_payment_terms_disclosure": "company_id fiscal_year_end_date ledger_side lateness_band document_count "
    "amount share matched_amount disputed_amount",
    "fct_late_penalties": "item_id from_date to_date document_id days principal_amount rate_kind rate_percent "
    "is_rate_published penalty_amount fixed_compensation",
    "fct_payment_term_breaches": "item_id latest_lawful_date breach_kind term_days_over payment_days_over",
    "fct_vat_on_receipts": "settlement_id item_id event_kind event_date month_end_date receipt_amount vat_amount",
}

TYPES = {
    r"\w+_date|date_day|period_(start|end)": {"date"},
    r"\w+_at": {"timestamp with time zone"},
    r"(is|has)_\w+|passed": {"boolean"},
    r"\w+_id|\w+_code|name|status|reason": {"varchar", "string"},
    r"days_past_due|days_to_pay|age_days": {"integer", "int"},
    r"\w+_amount|original_amount_currency|amount_base|debit|credit|credit_limit|total|(not_due|overdue)_\d": {
        "decimal(18,2)"
    },
}
"""Name → what a column of that name may be, in every mart."""


@pytest.fixture(scope="module")
def published(built: Any) -> dict[str, Any]:
    return {
        node.name: node
        for node in built.manifest.nodes.values()
        if node.resource_type == "model" and node.config.schema == "marts"
    }


def test_every_mart_is_promised(published: dict[str, Any]) -> None:
    assert set(published) == set(PROMISED)


@pytest.mark.parametrize("mart", PROMISED)
def test_mart_has_the_promised_columns_described(published: dict[str, Any], mart: str) -> None:
    node = published[mart]
    assert set(PROMISED[mart].split()) - set(node.columns) == set()
    assert node.config.contract.enforced
    assert node.description
    assert [name for name, column in node.columns.items() if not column.description] == []


@pytest.mark.parametrize("mart", PROMISED)
def test_built_columns_are_those_of_the_contract(published: dict[str, Any], marts: Any, mart: str) -> None:
    """Order too: BI tools show columns as they come."""
    built = [name for name, *_ in marts.execute(f"describe marts.{mart}").fetchall()]
    assert built == list(published[mart].columns)


def test_the_same_name_is_the_same_thing_in_every_mart(published: dict[str, Any]) -> None:
    odd = [
        f"{mart}.{name} {column.data_type}"
        for mart, node in published.items()
        for name, column in node.columns.items()
        for pattern, types in TYPES.items()
        if re.fullmatch(pattern, name) and column.data_type not in types
    ]
    assert odd == []


def test_every_mart_says_its_grain_and_tests_it(published: dict[str, Any], built: Any) -> None:
    tested = {}
    for node in built.manifest.nodes.values():
        kind = getattr(getattr(node, "test_metadata", None), "name", None)
        if kind == "unique":
            tested.setdefault(node.attached_node, []).append([node.column_name])
        elif kind in ("unique_together", "primary_key"):
            tested.setdefault(node.attached_node, []).append(node.test_metadata.kwargs["columns"])
    untested = [
        mart for mart, node in published.items() if node.config.meta["grain"] not in tested[node.unique_id]
    ]
    assert untested == []
