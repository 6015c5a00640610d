-- Worked out again from the published facts alone: what is open, less what is matched and not in the books,
-- is what is projected; and a match never takes more of an item than is open.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    sides as (
        select debit_item_id as item_id, amount, effective_date
        from {{ ref("fct_settlements") }}
        where status = 'matched'
        union all
        select credit_item_id as item_id, amount, effective_date
        from {{ ref("fct_settlements") }}
        where status = 'matched'
    ),

    matched as (
        select sides.item_id, sum(sides.amount) as amount
        from sides
        cross join context
        where sides.effective_date <= context.as_of_date and sides.item_id is not null
        group by sides.item_id
    )

select items.item_id, items.open_amount, items.projected_open_amount, matched.amount as matched_amount
from {{ ref("fct_open_items") }} as items
left join matched on items.item_id = matched.item_id
where
    abs(items.open_amount) - abs(items.projected_open_amount) <> coalesce(matched.amount, 0)
    or items.open_amount * items.projected_open_amount < 0

union all

select matched.item_id, cast(0 as decimal(18, 2)), cast(0 as decimal(18, 2)), matched.amount
from matched
left join {{ ref("fct_open_items") }} as items on matched.item_id = items.item_id
where items.item_id is null
