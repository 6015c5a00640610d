with
    items as (select * from {{ ref("fct_items") }}),

    at_date as (select * from {{ ref("int_ageing__items_at_dates") }} where is_own_date)

select
    at_date.as_of_date,
    items.item_id as open_item_id,
    items.item_id,
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
    items.currency_code,
    items.original_amount,
    items.original_amount_currency,
    items.is_doubtful,
    items.is_validated,
    items.settled_date,
    at_date.settled_amount,
    at_date.open_amount,
    at_date.open_amount as projected_open_amount,
    at_date.days_past_due,
    at_date.ageing_bucket_code,
    at_date.status,
    false as is_disputed,
    cast(0 as decimal(18, 2)) as disputed_amount,
    false as is_promised
from at_date
inner join items on at_date.item_id = items.item_id
