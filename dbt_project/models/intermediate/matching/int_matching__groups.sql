-- The groups of int_matching__members: pairs of equal amounts.
select
    members.match_id,
    'bank' as use,
    transactions.company_id,
    transactions.bank_account_id,
    'matched' as match_status,
    'amount' as match_rule,
    cast(1 as decimal(5, 4)) as match_score,
    '1:1' as match_cardinality,
    members.amount as payment_amount,
    members.amount as document_amount,
    cast(0 as decimal(18, 2)) as residual_amount,
    cast(null as string) as residual_reason,
    1 as rank,
    '{"rule":"amount"}' as evidence
from {{ ref("int_matching__members") }} as members
inner join
    {{ ref("int_bank__transactions") }} as transactions
    on members.object_id = transactions.bank_transaction_id
    and members.side = 'payment'
