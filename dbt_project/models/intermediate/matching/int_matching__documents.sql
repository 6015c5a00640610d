-- What may be settled, for the first pass: the lines of a bank account's ledger account, and what is owed on
-- a third party's account, with the credit notes that may be netted against it (negative).
with
    -- Bank accounts of one currency that one ledger account mirrors meet its lines together, under the
    -- first of them; where they are of several, each meets those that name its currency.
    accounts as (
        select
            company_id,
            ledger_account,
            currency_code,
            min(bank_account_id) as bank_account_id,
            count(*) over (partition by company_id, ledger_account) as currencies_mirrored
        from {{ ref("int_bank__accounts") }}
        where ledger_account is not null and has_statements
        group by company_id, ledger_account, currency_code
    ),

    companies as (select company_id, base_currency from {{ ref("int_companies__known") }}),

    lines as (select * from {{ ref("int_ledger__lines_identified") }}),

    bank_lines as (
        select
            lines.ledger_line_id,
            lines.company_id,
            lines.journal_code,
            lines.entry_number,
            lines.entry_date,
            lines.document_ref,
            lines.label,
            lines.source_row,
            accounts.bank_account_id,
            accounts.currency_code,
            case
                when accounts.currency_code = companies.base_currency
                then lines.debit - lines.credit
                when lines.debit - lines.credit < 0
                then - abs(lines.amount_currency)
                else abs(lines.amount_currency)
            end as amount
        from accounts
        inner join
            lines
            on accounts.company_id = lines.company_id
            and accounts.ledger_account = lines.account_code
            and not lines.is_opening
        left join companies on accounts.company_id = companies.company_id
        where
            accounts.currencies_mirrored = 1
            or accounts.currency_code = coalesce(nullif(lines.currency_code, ''), companies.base_currency)
    ),

    -- Whom the entry speaks of, and which documents: in entries small enough to be one.
    counterparts as (
        select
            company_id,
            journal_code,
            entry_number,
            entry_date,
            {{ gathered_texts("concat_ws(' ', third_party_name, document_ref)") }} as said,
            case when min(third_party_id) = max(third_party_id) then min(third_party_id) end as third_party_id
        from lines
        where ledger_side is not null
        group by company_id, journal_code, entry_number, entry_date
        having count(*) <= {{ var("largest_entry_read") }}
    ),

    items_at_date as (select * from {{ ref("int_ageing__items_at_dates") }} where is_own_date),

    -- Only where something waits to be applied.
    open_items as (
        select *
        from items_at_date
        where
            (company_id, ledger_side)
            in (select company_id, ledger_side from items_at_date where open_amount < 0)
    ),

    items as (select * from {{ ref("int_items__posted") }}),

    -- Which documents the payment of the entry settles, by its lettering: payers quote them, entries seldom
    -- do.
    settled as (
        select
            items.company_id,
            items.journal_code,
            items.entry_number,
            items.entry_date,
            {{ gathered_texts("settlements.owed_document_ref") }} as said
        from {{ ref("int_items__settlements") }} as settlements
        inner join items on settlements.settling_item_id = items.item_id
        where settlements.settlement_kind = 'payment'
        group by items.company_id, items.journal_code, items.entry_number, items.entry_date
        having count(*) <= {{ var("largest_entry_read") }}
    ),

    terms as (select * from {{ ref("int_third_parties__discounts") }})

select
    'bank' as use,
    bank_lines.ledger_line_id as document_id,
    bank_lines.company_id,
    bank_lines.bank_account_id,
    concat('bank|', bank_lines.bank_account_id) as block_id,
    concat('bank|', bank_lines.bank_account_id) as pool_id,
    counterparts.third_party_id as party_id,
    false as is_foreign,
    {{ minor_units("bank_lines.amount") }} as amount,
    cast(null as bigint) as discount_amount,
    cast(null as date) as discount_until,
    bank_lines.entry_date as day,
    cast(null as date) as due_date,
    {{
        plain_text(
            "concat_ws(' ', bank_lines.document_ref, bank_lines.label, counterparts.said, settled.said)"
        )
    }} as reference_text,
    {{ plain_text("concat_ws(' ', bank_lines.label, counterparts.said)") }} as words_text,
    bank_lines.document_ref,
    bank_lines.ledger_line_id as document_group,
    bank_lines.entry_date as entry_day,
    false as is_money_back,
    concat_ws(
        '|',
        bank_lines.journal_code,
        cast(bank_lines.entry_date as string),
        {{ capture("bank_lines.label", "'^([^ ]+ ?[^ ]*)'", 1) }}
    ) as bundle_id,
    bank_lines.source_row as place
from bank_lines
left join
    counterparts
    on bank_lines.company_id = counterparts.company_id
    and coalesce(bank_lines.journal_code, '') = coalesce(counterparts.journal_code, '')
    and coalesce(bank_lines.entry_number, '') = coalesce(counterparts.entry_number, '')
    and bank_lines.entry_date = counterparts.entry_date
left join
    settled
    on bank_lines.company_id = settled.company_id
    and coalesce(bank_lines.journal_code, '') = coalesce(settled.journal_code, '')
    and coalesce(bank_lines.entry_number, '') = coalesce(settled.entry_number, '')
    and bank_lines.entry_date = settled.entry_date
where bank_lines.amount <> 0

union all

select
    'lettering' as use,
    open_items.item_id as document_id,
    open_items.company_id,
    cast(null as string) as bank_account_id,
    concat_ws('|', 'lettering', open_items.company_id, open_items.ledger_side) as block_id,
    concat('lettering|', items.unit_id) as pool_id,
    open_items.third_party_id as party_id,
    coalesce(open_items.currency_code <> companies.base_currency, false) as is_foreign,
    {{ minor_units("open_items.open_amount") }} as amount,
    {{ discount_minor_units("open_items.open_amount", "terms.discount_percent") }} as discount_amount,
    {{ plus_days("coalesce(items.document_date, items.entry_date)", "terms.discount_days") }}
    as discount_until,
    coalesce(items.document_date, items.entry_date) as day,
    items.due_date,
    {{ plain_text("items.document_ref") }} as reference_text,
    {{ plain_text("lines.label") }} as words_text,
    items.document_ref,
    coalesce(items.third_party_id || '|' || nullif(items.document_ref, ''), items.item_id) as document_group,
    items.entry_date as entry_day,
    items.item_type = 'payment' as is_money_back,
    concat_ws(
        '|', items.journal_code, items.entry_number, cast(items.entry_date as string), items.document_ref
    ) as bundle_id,
    items.source_row as place
from open_items
inner join items on open_items.item_id = items.item_id
left join companies on open_items.company_id = companies.company_id
left join terms on open_items.third_party_id = terms.third_party_id
left join lines on items.ledger_line_id = lines.ledger_line_id
where not items.is_opening_difference and (open_items.open_amount > 0 or items.item_type = 'credit_note')
