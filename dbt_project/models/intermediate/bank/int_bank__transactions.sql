-- One row per movement on a bank account. The second of two equal ones has its ordinal in its id.
with
    numbered as (
        select *, row_number() over (partition by line_key order by is_notified, occurrence) as ordinal
        from {{ ref("int_bank__movements") }}
    )

select
    case
        when transactions.ordinal = 1
        then transactions.line_key
        else concat(transactions.line_key, '-', cast(transactions.ordinal as string))
    end as bank_transaction_id,
    accounts.bank_account_id,
    transactions.company_id,
    transactions.account_number,
    transactions.statement_id,
    transactions.bank_entry_reference,
    transactions.booking_date,
    transactions.value_date,
    transactions.amount,
    transactions.currency_code,
    transactions.is_reversal,
    transactions.bank_transaction_code,
    transactions.remittance_text,
    transactions.structured_reference,
    transactions.end_to_end_id,
    transactions.counterparty_name,
    transactions.counterparty_iban,
    transactions.return_reason,
    transactions.source_file,
    transactions.source_row
from numbered as transactions
inner join
    {{ ref("int_bank__accounts") }} as accounts
    on transactions.company_id = accounts.company_id
    and transactions.account_number = accounts.account_number
