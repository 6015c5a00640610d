-- Every published run and this one. `finished_at` of this run is written when it publishes.
with
    context as (select * from {{ source("run", "context") }}),

    blocked as (
        select count(*) as failed_count
        from {{ ref("fct_control_totals") }}
        where is_blocking and not passed and run_id = (select run_id from context)
    ),

    runs as (
        select run_id, as_of_date, known_at_date, started_at, finished_at, false as is_current, is_verified
        from {{ source("history", "dim_runs") }}

        union all

        select
            context.run_id,
            context.as_of_date,
            context.known_at_date,
            context.started_at,
            cast(null as {{ moment_type() }}) as finished_at,
            true as is_current,
            blocked.failed_count = 0 as is_verified
        from context
        cross join blocked
    )

select
    run_id,
    as_of_date,
    known_at_date,
    started_at,
    finished_at,
    is_current,
    is_verified,
    row_number() over (
        partition by date_trunc('month', as_of_date) order by as_of_date desc, known_at_date desc, run_id desc
    )
    = 1 as is_last_of_month
from runs
