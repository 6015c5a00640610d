with
    items as (select * from {{ ref("fct_items") }}),

    at_date as (select * from {{ ref("int_ageing__items_at_dates") }} where is_own_date),

    sides as (
        select owed_item_id as item_id, amount, effective_date
        from {{ ref("int_settlements__solved") }}
        where status = 'matched'
        union all
        select settling_item_id as item_id, amount, effective_date
        from {{ ref("int_settlements__solved") }}
        where status = 'matched'
    ),

    projected as (
        select sides.item_id, sum(sides.amount) as settled_amount
        from sides
        inner join {{ source("run", "context") }} as context on sides.effective_date <= context.as_of_date
        where sides.item_id is not null
        group by sides.item_id
    ),

    disputed as (
        select item_id, sum(disputed_amount) as disputed_amount
        from {{ ref("int_follow_up__disputed_items") }}
        group by item_id
    ),

    promised as (select item_id from {{ ref("int_follow_up__promised_items") }})

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
    cast(
        case
            when at_date.open_amount < 0
            then at_date.open_amount + coalesce(projected.settled_amount, 0)
            else at_date.open_amount - coalesce(projected.settled_amount, 0)
        end as decimal(18, 2)
    ) as projected_open_amount,
    at_date.days_past_due,
    at_date.ageing_bucket_code,
    at_date.status,
    disputed.item_id is not null as is_disputed,
    cast(
        least(coalesce(disputed.disputed_amount, 0), abs(at_date.open_amount)) as decimal(18, 2)
    ) as disputed_amount,
    promised.item_id is not null as is_promised,
    items.base_currency
from at_date
inner join items on at_date.item_id = items.item_id
left join projected on at_date.item_id = projected.item_id
left join disputed on at_date.item_id = disputed.item_id
left join promised on at_date.item_id = promised.item_id
