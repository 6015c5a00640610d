-- A set of snapshots says three times what was open: in all, by third party and band, and by item.
with
    by_band as (
        select as_of_date, known_at_date, sum(open_amount) as total
        from {{ ref("fct_ageing_snapshots") }}
        group by as_of_date, known_at_date
    ),

    by_item as (
        select as_of_date, known_at_date, sum(open_amount) as total
        from {{ ref("fct_open_items_history") }}
        group by as_of_date, known_at_date
    ),

    sets as (
        select as_of_date, known_at_date
        from {{ ref("fct_ageing_snapshot_dates") }}
        union
        select as_of_date, known_at_date
        from by_band
        union
        select as_of_date, known_at_date
        from by_item
    )

select sets.as_of_date, sets.known_at_date
from sets
left join
    {{ ref("fct_ageing_snapshot_dates") }} as dates
    on sets.as_of_date = dates.as_of_date
    and sets.known_at_date = dates.known_at_date
left join by_band on sets.as_of_date = by_band.as_of_date and sets.known_at_date = by_band.known_at_date
left join by_item on sets.as_of_date = by_item.as_of_date and sets.known_at_date = by_item.known_at_date
where
    dates.total is null
    or dates.total <> coalesce(by_band.total, 0)
    or dates.total <> coalesce(by_item.total, 0)
