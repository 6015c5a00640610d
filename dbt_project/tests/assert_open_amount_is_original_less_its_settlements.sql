-- Worked out again from the published facts alone: whoever joins fct_items with fct_settlements finds what
-- fct_open_items says, and no open item is missing there.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    sides as (
        select debit_item_id as item_id, amount, effective_date
        from {{ ref("fct_settlements") }}
        where status = 'booked'
        union all
        select credit_item_id as item_id, amount, effective_date
        from {{ ref("fct_settlements") }}
        where status = 'booked'
    ),

    settled as (
        select sides.item_id, sum(sides.amount) as amount
        from sides
        cross join context
        where sides.effective_date <= context.as_of_date
        group by sides.item_id
    ),

    worked_out as (
        select
            items.item_id,
            items.original_amount - sign(items.original_amount) * coalesce(settled.amount, 0) as open_amount
        from {{ ref("fct_items") }} as items
        cross join context
        left join settled on items.item_id = settled.item_id
        where items.entry_date <= context.as_of_date
    )

select worked_out.item_id, worked_out.open_amount, open_items.open_amount as published_amount
from worked_out
left join {{ ref("fct_open_items") }} as open_items on worked_out.item_id = open_items.item_id
where worked_out.open_amount <> coalesce(open_items.open_amount, 0)
