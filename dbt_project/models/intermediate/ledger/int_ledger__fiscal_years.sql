-- One row per company and fiscal year that has an export in force, with its first day: the day after the
-- previous year's end where that year is loaded and this one begins with it (a first year may last longer
-- than twelve months), else twelve months before its own end. `previous_year_end_date` is that of the
-- last year loaded before it, which need not be the year before (`is_previous_year_loaded`).
with
    years as (
        select company_id, fiscal_year_end_date, min(period_start) as first_entry_date
        from {{ ref("int_files__ledger_exports_ranked") }}
        where export_status = 'in_force'
        group by company_id, fiscal_year_end_date
    ),

    ordered as (
        select
            company_id,
            fiscal_year_end_date,
            first_entry_date,
            {{ plus_days(plus_months("fiscal_year_end_date", -12), 1) }} as usual_start_date,
            {{
                plus_days(
                    "lag(fiscal_year_end_date) over (partition by company_id order by fiscal_year_end_date)",
                    1,
                )
            }} as day_after_previous_year
        from years
    ),

    started as (
        select
            company_id,
            fiscal_year_end_date,
            day_after_previous_year,
            case
                when
                    day_after_previous_year > usual_start_date
                    or (day_after_previous_year < usual_start_date and first_entry_date < usual_start_date)
                then day_after_previous_year
                else usual_start_date
            end as fiscal_year_start_date
        from ordered
    )

select
    company_id,
    fiscal_year_end_date,
    {{ plus_days("day_after_previous_year", -1) }} as previous_year_end_date,
    fiscal_year_start_date,
    coalesce(day_after_previous_year = fiscal_year_start_date, false) as is_previous_year_loaded
from started
