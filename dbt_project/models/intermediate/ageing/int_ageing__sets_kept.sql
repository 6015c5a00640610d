-- The sets of earlier runs that stay as they are: all but those that this run, on the same day, writes again.
select known.as_of_date, known.known_at_date, known.run_id
from {{ ref("int_ageing__known_sets") }} as known
where
    not exists (
        select 1
        from {{ ref("int_ageing__sets_written") }} as written
        where written.as_of_date = known.as_of_date and written.known_at_date = known.known_at_date
    )
