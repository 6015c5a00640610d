with
    transactions as (select * from {{ ref("int_bank__transactions") }}),

    companies as (select company_id, base_currency from {{ ref("int_companies__known") }}),

    kinds as (
        select
            codes.bank_transaction_code,
            kinds.transaction_kind,
            row_number() over (
                partition by codes.bank_transaction_code order by length(kinds.code_prefix) desc
            ) as preference
        from
            (
                select distinct bank_transaction_code
                from transactions
                where bank_transaction_code is not null
            ) as codes
        inner join
            {{ ref("bank_transaction_kinds") }} as kinds
            on substr(codes.bank_transaction_code, 1, length(kinds.code_prefix)) = kinds.code_prefix
    )

select
    transactions.bank_transaction_id,
    transactions.company_id,
    transactions.bank_account_id,
    transactions.statement_id,
    transactions.bank_entry_reference,
    transactions.booking_date,
    transactions.value_date,
    transactions.amount,
    transactions.currency_code,
    case
        when transactions.currency_code = companies.base_currency
        then cast(transactions.amount as decimal(18, 2))
    end as amount_base,
    case
        when transactions.return_reason is not null
        then 'return'
        else coalesce(kinds.transaction_kind, 'other')
    end as transaction_kind,
    transactions.is_reversal,
    transactions.remittance_text,
    transactions.structured_reference,
    transactions.end_to_end_id,
    transactions.counterparty_name,
    transactions.counterparty_iban,
    transactions.return_reason,
    transactions.source_file,
    transactions.source_row
from transactions
left join companies on transactions.company_id = companies.company_id
left join kinds on transactions.bank_transaction_code = kinds.bank_transaction_code and kinds.preference = 1
