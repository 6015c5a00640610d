-- Which of this run's dates it writes down: its own; a month-end that no earlier day knew; one whose
-- figures differ from what the last earlier day knew; and one that this same day already wrote (the last
-- run of a day wins).
with
    context as (select run_id, known_at_date from {{ source("run", "context") }}),

    known as (select * from {{ ref("int_ageing__known_sets") }}),

    earlier as (
        select known.as_of_date, max(known.known_at_date) as known_at_date
        from known
        cross join context
        where known.known_at_date < context.known_at_date
        group by known.as_of_date
    ),

    earlier_rows as (
        select
            history.as_of_date,
            history.item_id,
            history.open_amount,
            history.days_past_due,
            history.ageing_bucket_code
        from {{ source("history", "fct_open_items_history") }} as history
        inner join
            known
            on history.as_of_date = known.as_of_date
            and history.known_at_date = known.known_at_date
            and history.run_id = known.run_id
        inner join
            earlier
            on history.as_of_date = earlier.as_of_date
            and history.known_at_date = earlier.known_at_date
    ),

    rows_now as (
        select as_of_date, item_id, open_amount, days_past_due, ageing_bucket_code
        from {{ ref("int_ageing__items_at_dates") }}
    ),

    changed as (
        select as_of_date
        from
            (
                select *
                from rows_now
                except
                select *
                from earlier_rows
            ) as appeared
        union
        select as_of_date
        from
            (
                select *
                from earlier_rows
                except
                select *
                from rows_now
            ) as gone
    )

select dates.as_of_date, dates.is_own_date, context.known_at_date, context.run_id
from {{ ref("int_ageing__dates") }} as dates
cross join context
where
    dates.is_own_date
    or not exists (select 1 from earlier where earlier.as_of_date = dates.as_of_date)
    or exists (select 1 from changed where changed.as_of_date = dates.as_of_date)
    or exists (
        select 1
        from known
        where known.as_of_date = dates.as_of_date and known.known_at_date = context.known_at_date
    )
