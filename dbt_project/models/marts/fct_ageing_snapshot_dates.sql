-- Every set of snapshots, also one in which nothing is open. Total = all open items of both sides, each in
-- its sign.
with
    totals as (
        select as_of_date, sum(open_amount) as total
        from {{ ref("int_ageing__items_at_dates") }}
        group by as_of_date
    ),

    sets as (
        select history.as_of_date, history.known_at_date, history.run_id, history.total
        from {{ source("history", "fct_ageing_snapshot_dates") }} as history
        inner join
            {{ ref("int_ageing__sets_kept") }} as kept
            on history.run_id = kept.run_id
            and history.as_of_date = kept.as_of_date
            and history.known_at_date = kept.known_at_date
        union all
        select
            written.as_of_date,
            written.known_at_date,
            written.run_id,
            cast(coalesce(totals.total, 0) as decimal(18, 2)) as total
        from {{ ref("int_ageing__sets_written") }} as written
        left join totals on written.as_of_date = totals.as_of_date
    )

select
    as_of_date,
    known_at_date,
    run_id,
    total,
    row_number() over (partition by as_of_date order by known_at_date desc) = 1 as is_latest,
    row_number() over (
        partition by date_trunc('month', as_of_date) order by as_of_date desc, known_at_date desc
    )
    = 1 as is_last_of_month
from sets
