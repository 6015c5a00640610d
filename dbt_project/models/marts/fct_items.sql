with
    items as (select * from {{ ref("int_items__posted") }}),

    companies as (select company_id, base_currency from {{ ref("int_companies__known") }}),

    settled as (
        select item_id, valid_from_date as settled_date
        from {{ ref("int_items__balances") }}
        where valid_to_date is null and open_amount = 0
    )

select
    items.item_id,
    items.ledger_line_id,
    items.company_id,
    items.ledger_side,
    items.third_party_id,
    items.account_code,
    items.item_type,
    items.document_ref,
    items.journal_code,
    items.entry_number,
    items.entry_date,
    items.document_date,
    items.due_date,
    items.due_date_source,
    coalesce(items.currency_code, companies.base_currency) as currency_code,
    items.original_amount,
    coalesce(
        items.original_amount_currency,
        case
            when items.currency_code is null or items.currency_code = companies.base_currency
            then items.original_amount
        end
    ) as original_amount_currency,
    items.is_doubtful,
    items.is_validated,
    settled.settled_date,
    companies.base_currency
from items
left join companies on items.company_id = companies.company_id
left join settled on items.item_id = settled.item_id
