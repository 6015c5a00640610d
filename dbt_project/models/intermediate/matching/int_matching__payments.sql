-- What may settle something, for the first pass: bank lines, against the lines of their ledger account; and
-- what waits to be applied on a third party's account, against what is owed there. Amounts are minor units:
-- those of bank lines in the bank's sign, those of payments positive where they settle what is owed.
with
    owners as (
        select company_id, iban, min(third_party_id) as third_party_id
        from {{ ref("int_third_parties__ibans") }}
        group by company_id, iban
        having count(*) = 1
    ),

    -- Accounts of one currency that one ledger account mirrors are one pool, under the first of them.
    accounts as (
        select
            bank_account_id,
            coalesce(
                min(case when has_statements then bank_account_id end) over (
                    partition by company_id, ledger_account, currency_code
                ),
                bank_account_id
            ) as pooled_account_id
        from {{ ref("int_bank__accounts") }}
        where ledger_account is not null
    ),

    transactions as (
        select
            *,
            {{ plain_text("remittance_text") }} as remittance,
            {{ plain_text("structured_reference") }} as structured,
            {{ plain_text("end_to_end_id") }} as end_to_end,
            {{ plain_text("counterparty_name") }} as counterparty
        from {{ ref("int_bank__transactions") }}
    ),

    open_items as (select * from {{ ref("int_ageing__items_at_dates") }} where is_own_date),

    items as (select * from {{ ref("int_items__posted") }}),

    lines as (
        select ledger_line_id, label
        from {{ ref("int_ledger__lines_identified") }}
        where ledger_side is not null
    )

select
    'bank' as use,
    transactions.bank_transaction_id as payment_id,
    transactions.company_id,
    transactions.bank_account_id,
    concat('bank|', accounts.pooled_account_id) as block_id,
    concat('bank|', accounts.pooled_account_id) as pool_id,
    owners.third_party_id as party_id,
    transactions.currency_code,
    {{ minor_units("transactions.amount") }} as amount,
    transactions.booking_date as day,
    {{ plain_texts(["remittance", "structured", "end_to_end", "counterparty"]) }} as reference_text,
    {{ plain_texts(["counterparty", "remittance"]) }} as words_text,
    -- The details of one entry; else what moved on one day in the same words, as salaries do.
    case
        when
            transactions.bank_entry_reference is not null
            and count(*) over (
                partition by
                    transactions.bank_account_id, transactions.booking_date, transactions.bank_entry_reference
            )
            > 1
        then concat_ws('|', cast(transactions.booking_date as string), transactions.bank_entry_reference)
        when transactions.counterparty_name is null and transactions.remittance_text <> ''
        then concat_ws('|', cast(transactions.booking_date as string), transactions.remittance_text)
    end as bundle_id
from transactions
inner join accounts on transactions.bank_account_id = accounts.bank_account_id
left join
    owners
    on transactions.company_id = owners.company_id
    and upper({{ replace_all("transactions.counterparty_iban", "'[^0-9A-Za-z]'", "''") }}) = owners.iban
where transactions.amount <> 0

union all

select
    'lettering' as use,
    open_items.item_id as payment_id,
    open_items.company_id,
    cast(null as string) as bank_account_id,
    concat_ws('|', 'lettering', open_items.company_id, open_items.ledger_side) as block_id,
    concat('lettering|', items.unit_id) as pool_id,
    open_items.third_party_id as party_id,
    open_items.currency_code,
    - {{ minor_units("open_items.open_amount") }} as amount,
    items.entry_date as day,
    {{ plain_texts([own_number("items.document_ref"), plain_text("lines.label")]) }} as reference_text,
    {{ plain_text("lines.label") }} as words_text,
    concat_ws(
        '|', items.journal_code, items.entry_number, cast(items.entry_date as string), items.document_ref
    ) as bundle_id
from open_items
inner join items on open_items.item_id = items.item_id
left join lines on items.ledger_line_id = lines.ledger_line_id
where open_items.open_amount < 0 and not items.is_opening_difference
