-- Movements of the accounts that are reconciled, with the day on which their statement's balance
-- holds them: a bank may list an entry outside the days that its statement speaks of.
select
    transactions.bank_transaction_id,
    accounts.bank_account_id,
    accounts.reconciled_account_id,
    accounts.start_date,
    transactions.booking_date,
    greatest(
        coalesce(statements.from_date, transactions.booking_date),
        least(coalesce(statements.to_date, transactions.booking_date), transactions.booking_date)
    ) as balance_date,
    transactions.amount,
    statements.statement_id is not null as is_in_balance
from {{ ref("int_bank__transactions") }} as transactions
inner join
    {{ ref("int_reconciliation__accounts") }} as accounts
    on transactions.bank_account_id = accounts.bank_account_id
    and transactions.currency_code = accounts.currency_code
left join
    {{ ref("int_reconciliation__statements") }} as statements
    on transactions.statement_id = statements.statement_id
