-- The dates of each account's statements: the day before both sides are known, every month-end
-- since, and the as-of date.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    starts as (
        select distinct reconciled_account_id, start_date
        from {{ ref("int_reconciliation__accounts") }}
        cross join context
        where start_date <= context.as_of_date
    ),

    bounds as (
        select min(starts.start_date) as first_day, max(context.as_of_date) as last_day
        from context
        left join starts on true
    ),

    month_ends as (
        select calendar.day
        from {{ days_from("(select first_day from bounds)", "(select last_day from bounds)") }} as calendar
        where calendar.day = last_day(calendar.day)
    )

select reconciled_account_id, {{ plus_days("start_date", -1) }} as as_of_date
from starts

union

select starts.reconciled_account_id, month_ends.day
from starts
inner join month_ends on month_ends.day >= starts.start_date

union

select starts.reconciled_account_id, context.as_of_date
from starts
cross join context
