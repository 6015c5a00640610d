-- A bank movement settles at most its own amount. An account in another currency is compared in the match
-- alone: its settlements are in base currency.
select settlements.bank_transaction_id, sum(settlements.amount) as settled_amount, transactions.amount_base
from {{ ref("fct_settlements") }} as settlements
inner join
    {{ ref("fct_bank_transactions") }} as transactions
    on settlements.bank_transaction_id = transactions.bank_transaction_id
where settlements.status = 'matched'
group by settlements.bank_transaction_id, transactions.amount_base
having sum(settlements.amount) > abs(transactions.amount_base)
