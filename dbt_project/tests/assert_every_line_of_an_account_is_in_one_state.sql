-- A line in no state would be looked at by nobody; one in two would be counted twice.
select run_id, company_id, bank_account_id, ledger_account, line_count, line_amount
from {{ ref("fct_reconciliation_status") }}
where
    line_count <> matched_count + proposed_count + unreconciled_count + waiting_count
    or line_amount <> matched_amount + proposed_amount + unreconciled_amount + waiting_amount
