-- One row per company and fiscal year that has an export in force, with its first day: the day after the
-- previous
-- year's end when that year is loaded and adjoins, else twelve months before its own end.
with
    years as (
        select company_id, fiscal_year_end_date
        from {{ ref("int_files__ledger_exports_ranked") }}
        where export_status = 'in_force'
        group by company_id, fiscal_year_end_date
    ),

    ordered as (
        select
            company_id,
            fiscal_year_end_date,
            lag(fiscal_year_end_date) over (
                partition by company_id order by fiscal_year_end_date
            ) as previous_year_end_date
        from years
    )

select
    company_id,
    fiscal_year_end_date,
    previous_year_end_date,
    case
        when previous_year_end_date > {{ plus_months("fiscal_year_end_date", -25) }}
        then {{ plus_days("previous_year_end_date", 1) }}
        else {{ plus_days(plus_months("fiscal_year_end_date", -12), 1) }}
    end as fiscal_year_start_date
from ordered
