-- A bank line and the line of its ledger account that is the only one of its amount, on both sides.
with
    bank_lines as (
        select
            transactions.bank_transaction_id,
            accounts.company_id,
            accounts.ledger_account,
            cast(transactions.amount as decimal(18, 2)) as amount
        from {{ ref("int_bank__transactions") }} as transactions
        inner join
            {{ ref("int_bank__accounts") }} as accounts
            on transactions.bank_account_id = accounts.bank_account_id
    ),

    ledger_lines as (
        select ledger_line_id, company_id, account_code, balance_amount as amount
        from {{ ref("int_ledger__lines_identified") }}
        where not is_opening
    ),

    pairs as (
        select min(bank_transaction_id) as bank_transaction_id, min(ledger_line_id) as ledger_line_id, amount
        from
            (
                select
                    bank_lines.bank_transaction_id,
                    bank_lines.company_id,
                    bank_lines.ledger_account,
                    bank_lines.amount,
                    ledger_lines.ledger_line_id
                from bank_lines
                inner join
                    ledger_lines
                    on bank_lines.company_id = ledger_lines.company_id
                    and bank_lines.ledger_account = ledger_lines.account_code
                    and bank_lines.amount = ledger_lines.amount
            ) as equals
        group by company_id, ledger_account, amount
        having count(*) = 1
    )

select
    {{ stable_id(["'bank'", "bank_transaction_id", "ledger_line_id"]) }} as match_id,
    'payment' as side,
    bank_transaction_id as object_id,
    amount
from pairs

union all

select
    {{ stable_id(["'bank'", "bank_transaction_id", "ledger_line_id"]) }}, 'document', ledger_line_id, amount
from pairs
