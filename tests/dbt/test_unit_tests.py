"""The rules that SQL holds, each on a few rows by hand: every dbt unit test is a test here.

They stand beside the models in ``_<folder>__unit_tests.yml`` and run here, not in the daily job.
"""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

MODELS = Path(__file__).resolve().parents[2] / "dbt_project" / "models"
UNIT_TESTS: dict[str, dict[str, Any]] = {
    test["name"]: test
    for file in sorted(MODELS.rglob("_*__unit_tests.yml"))
    for test in yaml.safe_load(file.read_text(encoding="utf-8"))["unit_tests"]
}

WRONG_RULES = {
    "own_number_of_a_payment_names_nothing": ("([A-Z]+ [0-9]+|[A-Z][A-Z0-9]*)", "([A-Z][A-Z0-9]*)"),
    "end_of_a_number_of_the_kind_of_the_documents_names_nothing": (
        "where words_of_number_before = 0",
        "where words_of_number_before >= 0",
    ),
    "figures_before_a_series_are_another_number": (
        '{{ matches("second_before", "\'^[A-Z]+[0-9]+$\'") }}',
        "false",
    ),
    "number_that_no_document_has_is_told": ("and quoted.letters = number_kinds.letters", ""),
    "text_that_names_what_is_not_left_is_told": (
        "where is_named and (use, document_id) in",
        "where (use, document_id) in",
    ),
    "text_that_names_what_a_reviewer_gave_to_another_is_told": ("documents_named = 1 and", ""),
    "short_figure_is_no_number_that_a_reviewer_decided": (
        "length(reference_key) >= 5",
        "length(reference_key) >= 4",
    ),
    "item_is_left_in_the_pool_of_its_owner": (
        "case when documents.use = 'receipt' and documents.is_money_back then",
        "case when documents.use = 'receipt' then",
    ),
    "account_holds_what_its_statements_tell_and_the_books_lack_at_the_bank": (
        "moves.booking_date <= context.as_of_date",
        "true",
    ),
    "suppliers_are_paid_when_the_company_usually_pays_them": ("- coalesce(credits.amount, 0)", ""),
    "what_the_bank_has_not_shown_is_in_the_books": ("'accrual', 'suspense', 'internal_transfer',", ""),
    "what_the_books_hold_is_not_planned_again": (
        "where choice_of_line = choice_of_flow",
        "where choice_of_flow = 1",
    ),
    "balances_of_the_weeks_to_come": ("and flows.currency_code = accounts.currency_code", ""),
    "cash_plan_ties_to_what_it_is_made_of": ("+ sum(abs(gap))", ""),
    "trade_and_own_movements_are_no_flows": (
        "on lines.entry_date <= context.as_of_date left join",
        "on true left join",
    ),
    "what_comes_every_month_on_its_day_is_a_flow": (
        "and 3 * explained.day_count >=",
        "and 4 * explained.day_count >=",
    ),
    "flow_goes_on_until_it_is_missed_twice": (
        "coalesce(expectations.missed_count, 0) < 2 as",
        "coalesce(expectations.missed_count, 0) < 1 as",
    ),
    "forecast_learns_from_payments_and_from_what_ends_otherwise": (
        "status = 'matched'",
        "status <> 'nothing'",
    ),
    "what_is_matched_is_awaited_no_more": (
        "settled.effective_date <= context.as_of_date",
        "settled.effective_date < context.as_of_date + 9",
    ),
    "a_customers_group_is_its_segment": ("'all') = 'all'", "'all') = 'none'"),
    "only_weeks_that_have_ended_are_held_against_what_came": (
        "weeks.as_of_date < context.as_of_date",
        "weeks.as_of_date <= context.as_of_date",
    ),
    "weeks_of_an_item_have_the_days_of_the_run": ("select distinct weeks", "select weeks"),
    "weeks_ahead_are_those_of_the_own_date": (
        "weeks.as_of_date = context.as_of_date",
        "weeks.as_of_date <= context.as_of_date",
    ),
    "forecast_is_of_all_that_is_open": ("customer_group <> 'all'", "customer_group <> 'PME'"),
    "statement_in_two_formats_is_one": ("order by line_count desc,", "order by"),
    "day_told_in_other_words_counts_once": (
        "coalesce(days_told.telling, 1) > 1 as",
        "coalesce(days_told.telling, 1) > 2 as",
    ),
    "export_that_shrinks_is_held": ("* 100 < force_rows", "* 100 > force_rows"),
    "partial_export_replaces_its_part": (
        "lines.entry_date <= parts.to_date",
        "lines.entry_date < parts.to_date",
    ),
    "account_role_is_the_longest_prefix": ("length(roles.prefix) desc", "length(roles.prefix)"),
    "opening_entries_are_found_by_content": (">= 4", ">= 3"),
    "opening_lines_restate_only_where_the_year_before_is_loaded": (
        "and years.is_previous_year_loaded as is_restatement",
        "as is_restatement",
    ),
    "counterpart_is_the_heaviest_on_the_other_side": ("weight desc", "weight"),
    "lettering_code_used_again_is_another_group": ("balance_at_close = 0", "balance_at_close = 1"),
    "item_type_is_read_from_the_counterpart": (
        "'bad_debt', 'discount', 'rounding'",
        "'bad_debt', 'discount'",
    ),
    "line_is_split_into_its_instalments": ("invoices.document_amount = lines.side_amount", "true"),
    "returned_payment_carries_on_its_invoice": ("'transfer', 'payment'", "'transfer'"),
    "due_date_is_taken_from_the_first_source_that_knows": ("coalesce(lines.due_date", "coalesce(null"),
    "balance_holds_from_one_change_to_the_next": ('order by event_date)", -1)', 'order by event_date)", 0)'),
    "openings_are_compared_with_what_was_left_open": ("period_number + 1", "period_number"),
    "bucket_edges": ("days_since_due > 0", "days_since_due >= 0"),
    "set_is_written_when_its_figures_changed": ("select * from earlier_rows", "select * from rows_now"),
    "sets_are_listed_also_when_empty": ("as_of_date desc, known_at_date desc", "known_at_date desc"),
    "last_run_of_a_month_is_the_last_of_those_for_its_last_date": ("run_id desc", "run_id"),
    "statements_chain_where_one_closes_and_the_next_opens": ("opening_balance = previous", "0 = previous"),
    "statement_in_two_files_is_there_once": ("entry_total, own_place, case", "entry_total, case"),
    "days_that_a_chain_of_statements_speaks_of_are_covered": (
        "and lines.booking_date between chain_periods.from_date and chain_periods.to_date",
        "and lines.booking_date > chain_periods.from_date",
    ),
    "reports_count_where_no_statement_speaks": ("and not is_covered", ""),
    "notification_finds_the_movement_that_it_details": (
        "shown.whole_entry_reference = movements.whole_entry_reference, true",
        "true",
    ),
    "notification_alone_counts_like_a_report": ("when shown.is_covered", "when false"),
    "details_stand_in_the_stead_of_their_batch": (
        "and counted.occurrence = notified.movement_occurrence where",
        "where",
    ),
    "bank_lines_count_or_are_explained": ("else line_count end", "else 1 end"),
    "announced_movements_are_on_statements": ("least(", "greatest("),
    "overlapping_files_show_one_movement_twice": (
        "partition by line_key, occurrence",
        "partition by line_key",
    ),
    "earlier_days_keep_what_they_knew": ("and written.known_at_date = known.known_at_date", ""),
    "imbalance_blocks_only_where_it_is_ours": ("<> landed.imbalance", "<> 0"),
    "exports_that_begin_together_are_one_year": ("first_date <= mostly_until_date", "false"),
    "statements_of_one_day_are_ordered_by_their_balances": ("last_steps.step, try_cast", "try_cast"),
    "gap_is_seen_where_periods_meet": (
        "or (statements.from_date = statements.previous_to_date and shown_twice.company_id is null)",
        "",
    ),
    "document_has_every_amount_when_each_instalment_has_one": ("total_amount > 0", "true"),
    "letter_on_the_line_of_the_year_before_comes_with_its_opening_line": (
        "where own_days.balance_at_close = - amounts_before.carried_amount",
        "",
    ),
    "late_opening_line_is_lettered_on_the_first_day": (
        "case when is_restatement then fiscal_year_start_date else entry_date end",
        "entry_date",
    ),
    "later_line_of_a_document_changes_nothing_of_the_first": ("rank_in_amount = line_rank", "false"),
    "late_opening_entry_counts_from_the_first_day": (
        "or (lines.is_restatement and lines.fiscal_year_start_date <= context.as_of_date)",
        "",
    ),
    "missing_year_takes_back_what_the_years_before_it_left": (
        "max(case when opens_later_year",
        "max(case when is_restatement",
    ),
    "side_is_where_the_company_is_a_party": (
        "and known_parties.company_id = coalesce(documents.file_company_id, known_parties.company_id)",
        "",
    ),
    "third_party_is_needed_where_others_number": ("having count(*) = 1", ""),
    "e_invoices_have_terms_where_invoices_csv_has_none": ("dated.due_date is not null", "true"),
    "e_invoice_adds_up": ("coalesce(vat_rows.vat_amount, e_invoices.vat_amount, 0)", "0"),
    "statement_account_finds_its_ledger_account": ("named_in_ledger.named_count = 1", "true"),
    "every_iban_of_a_third_party_finds_it": ("}} <> ''", "}} <> 'none'"),
    "discount_is_by_own_terms_else_by_the_settings": ("> 0", ">= 0"),
    "ledger_and_bank_are_compared_where_the_statements_begin": (
        "lines.entry_date < first_statements.first_day",
        "lines.entry_date <= first_statements.first_day",
    ),
    "number_is_named_however_it_is_written": ("naming.is_bare + nameable.is_bare > 0", "true"),
    "number_is_counted_in_its_pool_too": ("and naming.pool_number = nameable.pool_number", ""),
    "candidates_are_the_nearest_and_the_named": ("range(-3, 5)", "range(-3, 6)"),
    "payment_of_an_account_meets_what_is_owed_there": (
        "payments.payment_id <> documents.document_id",
        "true",
    ),
    "key_names_a_document_where_it_is_the_only_one": (
        "length(reference_key) >= 5",
        "length(reference_key) >= 4",
    ),
    "words_that_few_rows_have_are_compared": ("rows_with_word <= 10", "rows_with_word <= 11"),
    "accidents_are_counted_before_an_amount_is_believed": (
        "when is_other_party then 20.0",
        "when false then 20.0",
    ),
    "what_is_named_adds_up": ("and max(claimants) = 1", ""),
    "document_is_claimed_by_who_pays_it": ("and payment_day = first_exact_day", ""),
    "difference_has_a_name_within_its_limits": ("- residual * 10 <=", "- residual * 9 <="),
    "payer_may_keep_something_back": (
        "discount_until >= claims.payment_day",
        "discount_until > claims.payment_day",
    ),
    "doubt_makes_a_named_difference_a_proposal": ("when explained.has_equal or", "when"),
    "amounts_match_where_each_is_the_best_by_far": ("and document_choice = 1", ""),
    "amount_alone_must_come_in_time": ('{{ var("earliest_booking") }}', "7"),
    "equal_invoices_that_come_after_the_payment_are_the_worse_guess": ("- ln(9.0)", ""),
    "equal_instalments_are_paid_in_turn": ("count(distinct document_group)", "count(*)"),
    "bank_keeps_a_fee_of_what_it_collects": ("and days <= 3", ""),
    "accepted_decisions_are_kept_whole": ("where missing = 0", "where document_id is not null"),
    "payments_that_wait_are_left_for_the_solver": (
        "where (payments.use, payments.payment_id) not in (select use, row_id from consumed)",
        "",
    ),
    "documents_that_wait_are_left_for_the_solver": (
        "and (documents.use, documents.document_id) not in (select use, row_id from consumed)",
        "",
    ),
    "payment_that_falls_short_is_shown_to_a_person": ("choice <= 2", "choice <= 3"),
    "stages_and_solver_tell_members_alike": ("max(documents_named)", "min(documents_named)"),
    "lines_of_one_side_undo_each_other": ("and firsts.pair_count = 1", ""),
    "line_clears_what_was_open_when_the_statements_begin": ("choices = 1", "choices > 0"),
    "group_is_kept_once_and_proposals_give_way": ("or (use = 'receipt' and side = 'payment')", ""),
    "bank_lines_and_open_payments_may_settle": ("having count(*) = 1", ""),
    "ledger_lines_and_open_documents_may_be_settled": ("min(third_party_id) = max(third_party_id)", "true"),
    "group_says_what_each_side_adds_up_to": ("100 * settings.largest_fee", "200 * settings.largest_fee"),
    "score_is_how_often_such_matches_were_right": ('"explained.alternatives"', '"1"'),
    "what_is_no_likelier_than_an_accident_has_a_rival": ("when weight < ln(2)", "when false"),
    "evidence_is_json_whatever_people_are_called": ("concat(chr(92), chr(34))", "chr(34)"),
    "members_are_those_of_kept_groups": ("on members.match_id = groups.match_id", "on true"),
    "bank_lines_that_the_books_lack_may_settle_items": ("<= context.as_of_date", "< context.as_of_date"),
    "documents_are_open_less_what_the_books_settle": ("else - members.amount", "else members.amount"),
    "payer_is_known_by_the_strongest_evidence": ("min(strength)", "max(strength)"),
    "payer_is_who_has_the_name": ("and similarity >= best_similarity - 0.1", ""),
    "names_are_alike_by_their_rare_words": ("parties_with_word <= 50", "parties_with_word <= 1"),
    "payment_meets_the_items_of_its_payers_else_all": ("where not exists", "where exists"),
    "receipt_meets_what_its_payers_owe": ("* pools_met", ""),
    "receipt_pays_whom_it_names": ("or has_own = 0", ""),
    "receipt_differs_by_what_has_a_name": ("or is_exchanged = 1)", ")"),
    "receipt_is_left_once_for_each_who_shares_an_iban": ("in ('iban', 'alias')", "in ('alias')"),
    "receipt_and_what_it_lacks_are_looked_at_once": ("select distinct use,", "select use,"),
    "discount_is_read_from_the_terms": (
        'discount_percent_under_terms("attributes.payment_terms")',
        'discount_days_under_terms("attributes.payment_terms")',
    ),
    "match_settles_its_documents_in_order": (
        "coalesce(due_date, member_date) else member_date end as turn_date",
        "member_date else member_date end as turn_date",
    ),
    "projection_counts_what_is_matched_by_the_date": (
        "on sides.effective_date <= context.as_of_date",
        "on true",
    ),
    "payment_comes_back_whole_and_once": ("payments.amount = returns.original_amount and", ""),
    "only_payments_are_paid": ("and undone.return_item_id is null", ""),
    "payment_counts_until_it_comes_back": ("or payments.returned_date > periods.as_of_date", ""),
    "sales_are_invoices_less_credit_notes": ("and items.settlement_kind = 'credit_note'", ""),
    "doubtful_and_advances_are_no_receivables": (
        "in ('customer', 'customer_bill')",
        "in ('customer', 'customer_bill', 'customer_doubtful')",
    ),
    "behaviour_is_told_by_averages": ("sales_amount * 100 <", "sales_amount * 90 <"),
    "indicators_of_receivables": ("and sales.sales_amount > 0", "and sales.sales_amount > 700"),
    "a_year_of_sales": (
        "records.first_month_end_date <= last_day",
        "records.first_month_end_date < last_day",
    ),
    "receivable_is_told_without_its_vat": (
        "least(open_items.disputed_amount, open_items.projected_open_amount) as",
        "open_items.disputed_amount as",
    ),
    "lost_is_what_a_year_did_not_bring": ("and settlements.effective_date <= dates.later_date", ""),
    "instalments_are_lost_from_the_last": ("order by seen.due_date desc", "order by seen.due_date"),
    "promise_is_broken_that_the_promises_say_is": ("and promises.amount_at_stake > 0", ""),
    "equal_payments_of_a_document_come_back_in_turn": (
        "where payment_choice = return_choice",
        "where payment_choice = 1 and return_choice = 1",
    ),
    "first_quarter_of_a_ledger_begins_with_its_openings": (
        "when records.first_date <= dates.before_quarter_date",
        "when true",
    ),
    "loss_rate_is_of_who_has_seen_enough": ("when seen.item_count >=", "when seen.item_count >"),
    "receivable_is_doubtful_for_its_gravest_reason": (
        "coalesce(receivables.days_past_due, 0) >",
        "coalesce(receivables.days_past_due, 0) >=",
    ),
    "exposure_is_scored_by_its_parts": ("and returns.return_item_id is null", ""),
    "depreciation_is_that_of_doubtful_receivables": ("where is_doubtful", ""),
    "figures_of_steering_are_those_of_the_open_items": (
        "amount + table_rows.disputed_amount as",
        "amount as",
    ),
    "bank_line_that_the_books_lack_has_one_reason": (
        "here.amount = - there.amount",
        "here.amount = there.amount",
    ),
    "ledger_line_that_the_bank_lacks_has_one_reason": ("> covered.last_date", ">= covered.last_date"),
    "residual_of_a_match_is_not_booked": (
        "when use = 'bank' then 'amount_differs'",
        "else 'amount_differs'",
    ),
    "match_is_told_by_its_members": ("cast(count(*) - 1 as string)", "cast(count(*) as string)"),
    "suggestions_are_the_best_first": ("told.match_score desc", "told.match_score"),
    "payment_that_waits_has_its_proposals": ("and groups.match_status = 'proposed'", ""),
    "line_stays_in_suspense_until_taken_back": ("numbered.place > numbered.opposite_count", "true"),
    "ledger_bank_lines_are_those_of_bank_accounts": ("and not lines.is_restatement", ""),
    "exception_grows_graver_with_age_and_amount": (
        ">= reasons.high_from_amount",
        "> reasons.high_from_amount",
    ),
    "exception_is_snoozed_until_its_day": ("snoozed_until > aged", "snoozed_until >= aged"),
    "statement_within_the_days_of_others_adds_no_balance": ("to_date >= reached_date", "true"),
    "reconciliation_begins_where_both_sides_are_known": ("greatest( min(first", "least( min(first"),
    "statements_are_dated_at_month_ends_and_as_of": ("calendar.day = last_day(calendar.day)", "true"),
    "line_is_in_the_balance_within_its_statement": (
        "least(coalesce(statements.to_date, transactions.booking_date), transactions.booking_date)",
        "transactions.booking_date",
    ),
    "ledger_line_counts_in_the_currency_of_the_account": ("when accounts.is_base_currency", "when true"),
    "bank_balance_is_what_statements_tell": (
        "when statements.to_date <= known.as_of_date then statements.closing_balance",
        "when true then statements.closing_balance",
    ),
    "ledger_balance_counts_opening_entries_once": (
        "and days.fiscal_year_end_date >= based.base_year_end_date",
        "",
    ),
    "year_of_another_currency_opens_with_an_amount_in_it": (
        "where accounts.is_base_currency or",
        "where true or",
    ),
    "group_is_whole_with_its_last_line": ("max(lines.balance_date)", "min(lines.balance_date)"),
    "statements_that_do_not_go_on_leave_a_gap": ("- coalesce(shown_before.amount, 0)", ""),
    "opening_difference_leaves_when_its_cheque_is_found": ("members.is_before_start and", "false and"),
    "line_is_outstanding_until_its_group_is_whole": ("whole_date is null or whole_date > from_date", "true"),
    "match_is_whole_on_the_day_of_its_last_line": ("max(days.day)", "min(days.day)"),
    "members_of_bank_matches_are_of_the_bank_or_of_the_ledger": ("and matches.use = 'bank'", ""),
    "pairs_of_a_group_add_up_to_its_smaller_side": ("order by sign(amount), day", "order by day"),
    "item_stands_on_the_statements_of_its_days": (
        "and dates.as_of_date <= coalesce(described.until_date, dates.as_of_date)",
        "",
    ),
    "adjusted_balances_are_balances_and_items": (
        "balances.bank_balance + coalesce(sums.bank_adjustment, 0) as",
        "balances.bank_balance as",
    ),
    "reconciliation_ties_to_the_lines": ("and takings.amount = lines.amount", ""),
    "line_is_matched_or_has_one_exception": ("answers.answer_count = 1", "answers.answer_count >= 1"),
    "exceptions_of_one_name_have_ids_of_their_own": ("when numbered.homonym = 1", "when true"),
    "line_is_in_one_state": ("when told.currency_code = accounts.currency_code", "when true"),
    "account_is_shown_beside_what_the_last_run_said": (
        "in ('proposed', 'unreconciled')",
        "in ('proposed', 'unreconciled', 'waiting')",
    ),
    "decisions_are_in_order_and_forgotten_ones_are_told": ("max(file_order)", "min(file_order)"),
    "decisions_of_files_and_of_the_store_are_in_one_order": ("min(written_at)", "max(written_at)"),
    "decided_pair_is_for_what_its_ids_are": ("original_amount < 0", "original_amount > 0"),
    "latest_decision_about_a_pair_holds": ("and use = 'bank'", ""),
    "latest_word_on_a_payer_holds": ("upper(decisions.payer_name)", "decisions.payer_name"),
    "decision_without_its_object_is_told": ("or use is null", ""),
    "dispute_is_open_until_it_is_closed_or_settled": ("when is_carried_on then 0", "when false then 0"),
    "promise_is_kept_by_what_is_paid_until_its_day": (
        "settlements.returned_date is null or",
        "true or",
    ),
    "promise_is_kept_by_payments_of_what_was_owed_that_day": (
        "promises.told_on >= items.entry_date",
        "promises.told_on < items.entry_date",
    ),
    "customer_with_something_to_do_is_listed": ("+ case when is_over_limit then 10 else 0 end", ""),
    "promise_that_passes_unpaid_is_told": ("and promises.amount_at_stake > 0", ""),
    "fact_told_twice_is_one": ("where file_recency = 1 and row_recency = 1", "where file_recency = 1"),
    "fact_is_of_the_party_that_has_the_document": ("or found.party_count = 1", "or true"),
    "fact_of_the_store_stands_beside_those_of_files": (
        "and decided.third_party_id = items.third_party_id",
        "",
    ),
    "fact_is_spread_over_what_was_open_on_its_day": ("<= facts.promised_date", "< facts.promised_date"),
    "dispute_holds_back_what_is_still_open": ("where closed_on is null", ""),
    "promise_in_force_covers_what_is_still_to_come": (
        "promises.promised_date >= context.as_of_date",
        "promises.promised_date > context.as_of_date",
    ),
    "reminder_counts_unless_it_failed": ("in ('sent', 'unknown')", "in ('sent', 'unknown', 'failed')"),
    "reminder_of_a_file_is_read_in_its_words": (
        "coalesce(named.level, numbered.level)",
        "coalesce(numbered.level, named.level)",
    ),
    "next_level_is_one_above_the_highest_sent": (
        "items.level_reached >= next_levels.level_before",
        "items.days_past_due >= next_levels.days_past_due",
    ),
    "nobody_is_reminded_on_a_day_off": ("when policy.working_days_only", "when false"),
    "days_off_count_where_the_settings_say_so": ("when policy.working_days_only", "when true"),
    "what_is_settled_disputed_promised_or_excluded_is_not_asked_for": (
        "- coalesce(disputed.disputed_amount, 0), 0",
        ", 0",
    ),
    "customer_is_reminded_as_its_segment_is": (
        "case when levels.segment is null then 1 else 0 end",
        "case when levels.segment is null then 0 else 1 end",
    ),
    "customer_whose_credits_pay_for_all_is_left_alone": ("and advances.item_id is null", ""),
    "reminders_of_a_customer_are_one_message_by_channel": ("when judged.tone = 'formal'", "when false"),
    "each_level_is_a_message_where_the_settings_say_so": ("when policy.grouping = 'level'", "when false"),
    "item_says_what_is_done_about_it_and_why": ("when days_past_due = 1", "when days_past_due = 0"),
    "message_speaks_in_the_words_of_its_highest_level": (
        "when actions.oldest_days_past_due <= 0 then 'before_due'",
        "when actions.oldest_days_past_due <= 1 then 'before_due'",
    ),
    "a_document_is_compensated_for_once": ("where claims.choice = 1", ""),
    "overdue_item_without_its_state_blocks": ("else false end", "else true end"),
    "compensation_is_due_once_for_a_document": ("when counted.place_in_document = 1 and", "when"),
    "interest_is_on_what_is_asked_for": (
        "balances.open_amount - coalesce(disputed.disputed_amount, 0) as",
        "balances.open_amount as",
    ),
    "interest_runs_from_the_due_date_on_debts_alone": (
        "or (items.item_type = 'payment' and returns.return_item_id is not null)",
        "or items.item_type = 'payment'",
    ),
    "the_law_is_between_professionals_and_speaks_of_euros": ("and consumers.third_party_id is null", ""),
    "breaches_of_a_day_know_nothing_of_the_next": (
        "case when items.settled_date <= context.as_of_date then items.settled_date end",
        "items.settled_date",
    ),
    "a_disputed_part_is_left_out_and_what_is_matched_is_told": (
        "and items.settlement_kind = 'credit_note'",
        "",
    ),
    "vat_that_is_due_is_at_most_that_of_the_entry": (
        '"least(greatest(running.received_amount, 0), running.claimed_amount)"',
        '"greatest(running.received_amount, 0)"',
    ),
}
"""Unit test → a piece of its model's SQL, or of a macro that it is made of, and what a wrong rule would say instead."""


@pytest.fixture(scope="session")
def outcomes(built: Any) -> dict[str, tuple[str, str]]:
    """Unit test → status and message, from one run of all."""
    return _run(built)


def _run(project: Any, *selected: str) -> dict[str, tuple[str, str]]:
    chosen = [f"test_type:unit,{name}" for name in selected] or ["test_type:unit"]
    outcome = project.invoke("test", "--select", *chosen, "--no-use-colors")
    return {result.node.name: (str(result.status), result.message or "") for result in outcome.result.results}


@pytest.mark.parametrize("name", UNIT_TESTS)
def test_rule(outcomes: dict[str, tuple[str, str]], name: str) -> None:
    status, message = outcomes[name]
    assert status == "pass", message


def test_a_wrong_rule_fails_its_unit_test(built: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each model gets one wrong rule at a time: the unit test that holds the rule sees it."""
    models = {node.name: node for node in built.manifest.nodes.values() if node.resource_type == "model"}
    waiting = dict(WRONG_RULES)
    while waiting:
        tested = {UNIT_TESTS[name]["model"]: name for name in reversed(waiting)}
        with monkeypatch.context() as patched:
            for model_name, name in tested.items():
                model = models[model_name]
                rule, wrong = waiting.pop(name)
                sql = _one_line(model.raw_code)
                if rule not in sql:
                    sql = _with_macros(sql, built.manifest)
                assert rule in sql, f"{model_name} no longer says {rule!r}"
                patched.setattr(model, "raw_code", sql.replace(rule, wrong))
            outcomes = _run(built, *tested.values())
        assert {name: status for name, (status, _) in outcomes.items()} == dict.fromkeys(
            tested.values(), "fail"
        )


def test_a_wrong_expectation_fails_and_says_what_differs(built: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "export_that_shrinks_is_held"
    test = next(test for test in built.manifest.unit_tests.values() if test.name == name)
    row = next(row for row in test.expect.rows if row["source_sha256"] == "new")
    monkeypatch.setitem(row, "export_status", "in_force")
    status, message = _run(built, name)[name]
    assert status == "fail"
    assert "in_force→" in message


def test_every_date_and_amount_of_the_unit_tests_is_one() -> None:
    """dbt makes null of a cell that its column's type cannot hold, and null expects null."""
    wrong = []
    for name, cell in _cells():
        if re.fullmatch(r"\d{4}-\d\d-\d\d", cell):
            try:
                date.fromisoformat(cell)
            except ValueError:
                wrong.append(f"{name}: {cell}")
    assert wrong == []


def test_every_model_with_a_rule_has_a_unit_test() -> None:
    """All models but those that only pass columns on, and the replay and the solver, which are tested in Python."""
    passed_on = {
        "dim_ageing_buckets",
        "dim_bank_accounts",
        "dim_companies",
        "dim_dates",
        "dim_match_rules",
        "dim_third_parties",
        "fct_ledger_lines",
        "fct_quality_results",
        "int_follow_up__disputes",
        "int_follow_up__promises",
        "int_forecast__item_weeks",
        "int_forecast__weeks",
        "int_lettering__settlements_replayed",
        "int_matching__solved",
        "int_receipts__solved",
        "stg_decisions__attention",
        "stg_decisions__follow_up",
        "stg_decisions__made",
        "stg_dunning__sent",
        "stg_landing__bank_transactions",
        "stg_landing__decisions",
        "stg_landing__disputes",
        "stg_landing__dunning_events",
        "stg_landing__e_invoice_accounts",
        "stg_landing__e_invoice_instalments",
        "stg_landing__e_invoice_vat_rows",
        "stg_landing__e_invoices",
        "stg_landing__fx_rates",
        "stg_landing__invoices",
        "stg_landing__promises",
        "stg_landing__quarantined_rows",
        "stg_landing__third_parties",
    }
    models = {path.stem for path in MODELS.rglob("*") if path.suffix in (".sql", ".py")}
    assert models - {test["model"] for test in UNIT_TESTS.values()} == passed_on


def _one_line(sql: str) -> str:
    """The SQL on one line, without its comments, so that its layout does not matter."""
    return " ".join(re.sub(r"--[^\n]*", "", sql).split())


def _with_macros(sql: str, manifest: Any) -> str:
    """The SQL with the macros that hold rules as its own, so that one of them can be wrong for it alone."""
    macros = {
        macro.name: _one_line(macro.macro_sql)
        for macro in manifest.macros.values()
        if macro.package_name == "encours" and Path(macro.original_file_path).parent.name == "matching"
    }
    calls = re.compile(rf"(?<!macro )\b({'|'.join(macros)})\(")
    return calls.sub(r"dbt_macro__\1(", " ".join([*macros.values(), sql]))


def _cells() -> Iterator[tuple[str, str]]:
    for name, test in UNIT_TESTS.items():
        for table in [*test["given"], test["expect"]]:
            if table.get("format") == "sql":
                continue
            rows = table["rows"]
            rows = list(csv.DictReader(io.StringIO(rows))) if isinstance(rows, str) else rows
            for row in rows:
                assert None not in row, f"{name} has a row with more cells than columns"
                assert None not in row.values() or isinstance(table["rows"], list), (
                    f"{name} has a row with fewer cells than columns"
                )
                yield from ((name, str(cell)) for cell in row.values())
