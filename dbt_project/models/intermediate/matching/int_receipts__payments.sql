-- What may settle something, for the second pass: bank lines up to the as-of date that the books do not
-- hold yet, in the company's base currency. Money in settles what customers owe, money out what is owed
-- to suppliers; amounts are positive minor units.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    booked as (
        select object_id
        from {{ ref("int_matching__found") }}
        where use = 'bank' and side = 'payment' and match_status = 'matched'
    ),

    companies as (select company_id, base_currency from {{ ref("int_companies__known") }}),

    transactions as (
        select
            *,
            {{ plain_text("remittance_text") }} as remittance,
            {{ plain_text("structured_reference") }} as structured,
            {{ plain_text("end_to_end_id") }} as end_to_end,
            {{ plain_text("counterparty_name") }} as counterparty
        from {{ ref("int_bank__transactions") }}
    )

select
    'receipt' as use,
    transactions.bank_transaction_id as payment_id,
    transactions.company_id,
    transactions.bank_account_id,
    concat_ws(
        '|',
        'receipt',
        transactions.company_id,
        case when transactions.amount > 0 then 'receivable' else 'payable' end
    ) as block_id,
    cast(null as string) as party_id,
    transactions.currency_code,
    {{ minor_units("abs(transactions.amount)") }} as amount,
    transactions.booking_date as day,
    {{ plain_texts(["remittance", "structured", "end_to_end", "counterparty"]) }} as reference_text,
    {{ plain_texts(["counterparty", "remittance"]) }} as words_text,
    transactions.counterparty as payer_name,
    {{ replace_all("upper(transactions.counterparty_iban)", "'[^0-9A-Z]'", "''") }} as payer_iban,
    cast(null as string) as bundle_id
from transactions
inner join companies on transactions.company_id = companies.company_id
cross join context
where
    transactions.currency_code = companies.base_currency
    and transactions.amount <> 0
    and transactions.booking_date <= context.as_of_date
    and transactions.bank_transaction_id not in (select object_id from booked)
