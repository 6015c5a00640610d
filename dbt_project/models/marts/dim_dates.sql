-- Every date from the first that the data or its snapshots know to a year after the as-of date.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    known as (
        select entry_date as day
        from {{ ref("fct_ledger_lines") }}
        union all
        select document_date
        from {{ ref("fct_items") }}
        union all
        select due_date
        from {{ ref("fct_items") }}
        union all
        select booking_date
        from {{ ref("fct_bank_transactions") }}
        union all
        select as_of_date
        from context
    ),

    bounds as (
        select
            date_trunc('year', min(known.day)) as first_day,
            {{
                plus_days(
                    plus_months(
                        "date_trunc('year', greatest(max(known.day), max(context.as_of_date)))", 24
                    ),
                    -1,
                )
            }} as last_day
        from known
        cross join context
    ),

    days as (
        select calendar.day
        from {{ days_from("(select first_day from bounds)", "(select last_day from bounds)") }} as calendar
    )

select
    day as date_day,
    cast(year(day) as integer) as calendar_year,
    cast(quarter(day) as integer) as calendar_quarter,
    cast(month(day) as integer) as calendar_month,
    cast(date_trunc('month', day) as date) as month_start_date,
    last_day(day) as month_end_date,
    day = last_day(day) as is_month_end
from days
