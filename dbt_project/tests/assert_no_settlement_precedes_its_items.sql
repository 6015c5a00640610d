-- A settlement effective before one of its two lines was posted would change a balance that was already
-- reported.
with
    sides as (
        select settlement_id, effective_date, debit_item_id as item_id
        from {{ ref("fct_settlements") }}
        union all
        select settlement_id, effective_date, credit_item_id as item_id
        from {{ ref("fct_settlements") }}
    )

select sides.settlement_id, sides.effective_date, items.entry_date
from sides
inner join {{ ref("fct_items") }} as items on sides.item_id = items.item_id
where sides.effective_date < items.entry_date
