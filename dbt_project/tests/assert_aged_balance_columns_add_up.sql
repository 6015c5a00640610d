-- A band that has no column would be in the total and nowhere else.
select third_party_id, ledger_side, total_amount, overdue_amount
from {{ ref("mart_aged_balance") }}
where
    total_amount
    <> not_due_3 + not_due_2 + not_due_1 + overdue_1 + overdue_2 + overdue_3 + overdue_4 + unapplied + undated
    or overdue_amount <> overdue_1 + overdue_2 + overdue_3 + overdue_4
