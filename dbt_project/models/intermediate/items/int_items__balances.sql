-- What is left of each item, and from when to when: one row per item and day on which it changed.
-- `valid_to_date` is the day before the next change, null while the last one holds.
with
    events as (
        select
            item_id,
            entry_date as event_date,
            original_amount as change_amount,
            cast(0 as decimal(18, 2)) as settled_amount
        from {{ ref("int_items__posted") }}
        union all
        select
            owed_item_id as item_id,
            effective_date as event_date,
            - amount as change_amount,
            amount as settled_amount
        from {{ ref("int_items__settlements") }}
        union all
        select
            settling_item_id as item_id,
            effective_date as event_date,
            amount as change_amount,
            - amount as settled_amount
        from {{ ref("int_items__settlements") }}
    ),

    days as (
        select
            item_id,
            event_date,
            cast(sum(change_amount) as decimal(18, 2)) as change_amount,
            cast(sum(settled_amount) as decimal(18, 2)) as settled_amount
        from events
        group by item_id, event_date
    )

select
    item_id,
    event_date as valid_from_date,
    {{ plus_days("lead(event_date) over (partition by item_id order by event_date)", -1) }} as valid_to_date,
    cast(
        sum(change_amount) over (
            partition by item_id order by event_date rows between unbounded preceding and current row
        ) as decimal(18, 2)
    ) as open_amount,
    cast(
        sum(settled_amount) over (
            partition by item_id order by event_date rows between unbounded preceding and current row
        ) as decimal(18, 2)
    ) as settled_amount
from days
