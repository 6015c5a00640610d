-- What is open of each item at each date for which a forecast is made: at a month-end that is past, what the
-- books say; at the run's own date, less what is matched. Amounts are in minor units.
with
    items as (select item_id from {{ ref("int_forecast__items") }}),

    matched as (
        select settled.owed_item_id as item_id, sum(settled.amount) as amount
        from {{ ref("int_settlements__solved") }} as settled
        inner join {{ source("run", "context") }} as context on settled.effective_date <= context.as_of_date
        where settled.status = 'matched' and settled.owed_item_id is not null
        group by settled.owed_item_id
    ),

    at_dates as (
        select
            at_dates.as_of_date,
            at_dates.item_id,
            at_dates.open_amount
            - case when at_dates.is_own_date then coalesce(matched.amount, 0) else 0 end as open_amount
        from {{ ref("int_ageing__items_at_dates") }} as at_dates
        inner join items on at_dates.item_id = items.item_id
        left join matched on at_dates.item_id = matched.item_id
        where at_dates.open_amount > 0
    )

select as_of_date, item_id, cast(open_amount * 100 as bigint) as open_amount
from at_dates
where open_amount > 0
