-- Open items at every date for which a set was written, as known on each day that wrote one.
select
    history.run_id,
    history.as_of_date,
    history.known_at_date,
    history.item_id,
    history.open_amount,
    history.days_past_due,
    history.ageing_bucket_code
from {{ source("history", "fct_open_items_history") }} as history
inner join
    {{ ref("int_ageing__sets_kept") }} as kept
    on history.run_id = kept.run_id
    and history.as_of_date = kept.as_of_date
    and history.known_at_date = kept.known_at_date

union all

select
    written.run_id,
    written.as_of_date,
    written.known_at_date,
    items.item_id,
    items.open_amount,
    items.days_past_due,
    items.ageing_bucket_code
from {{ ref("int_ageing__items_at_dates") }} as items
inner join {{ ref("int_ageing__sets_written") }} as written on items.as_of_date = written.as_of_date
