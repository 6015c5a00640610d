-- The bands are a partition of all integers. Between two neighbouring bounds nothing changes, so it is
-- enough to look at every bound and beside it, and far out on both ends.
with
    buckets as (
        select * from {{ ref("dim_ageing_buckets") }} where ageing_bucket_code not in ('unapplied', 'undated')
    ),

    bounds as (
        select from_days as day_number
        from buckets
        where from_days is not null
        union
        select to_days
        from buckets
        where to_days is not null
    ),

    candidates as (
        select day_number
        from bounds
        union
        select day_number - 1
        from bounds
        union
        select day_number + 1
        from bounds
        union
        select -400
        union
        select 0
        union
        select 4000
        union
        select -1000000
        union
        select 1000000
    )

select candidates.day_number, count(buckets.ageing_bucket_code) as bucket_count
from candidates
left join
    buckets
    on candidates.day_number >= coalesce(buckets.from_days, candidates.day_number)
    and candidates.day_number <= coalesce(buckets.to_days, candidates.day_number)
group by candidates.day_number
having count(buckets.ageing_bucket_code) <> 1
