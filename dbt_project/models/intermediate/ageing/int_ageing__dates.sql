-- The dates whose balance this run works out: its own as-of date, and every month-end before it since the
-- first entry.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    first_entry as (select min(entry_date) as first_date from {{ ref("int_items__posted") }}),

    days as (
        select calendar.day
        from
            {{ days_from("(select first_date from first_entry)", "(select as_of_date from context)") }}
            as calendar
        cross join context
        where calendar.day = last_day(calendar.day) and calendar.day < context.as_of_date
    )

select day as as_of_date, false as is_own_date
from days
union all
select as_of_date, true as is_own_date
from context
