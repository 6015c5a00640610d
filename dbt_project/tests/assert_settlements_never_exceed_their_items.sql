-- What settles an item, and what an item settles, is at most the item.
with
    sides as (
        select debit_item_id as item_id, amount
        from {{ ref("fct_settlements") }}
        where status = 'booked'
        union all
        select credit_item_id as item_id, amount
        from {{ ref("fct_settlements") }}
        where status = 'booked'
    ),

    settled as (select item_id, sum(amount) as amount from sides group by item_id)

select items.item_id, items.original_amount, settled.amount as settled_amount
from settled
inner join {{ ref("fct_items") }} as items on settled.item_id = items.item_id
where settled.amount > abs(items.original_amount)
