-- The dates whose balance this run works out: its own as-of date, and every month-end of the ledger before
-- it.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    bounds as (
        select min(entry_date) as first_date, max(entry_date) as last_date from {{ ref("int_items__posted") }}
    ),

    days as (
        select calendar.day
        from bounds
        cross join context
        cross join
            {{ days_from("(select first_date from bounds)", "(select last_day(last_date) from bounds)") }}
            as calendar
        where calendar.day = last_day(calendar.day) and calendar.day < context.as_of_date
    )

select day as as_of_date, false as is_own_date
from days
union all
select as_of_date, true as is_own_date
from context
