-- One row per ledger file whose company is known, with the fiscal year that it restates. The closing date
-- in the file's name is believed only when the year that it closes holds the bulk of the lines: names with
-- a wrong year are seen in practice.
with
    files as (
        select *
        from {{ ref("stg_landing__source_files") }}
        where kind = 'ledger' and status = 'landed' and rows_landed > 0
    ),

    companies as (select * from {{ source("settings", "companies") }}),

    closings as (
        select
            files.*,
            {{ fiscal_year_end_of("files.median_date", "coalesce(companies.fiscal_year_end, '12-31')") }}
            as usual_closing_date
        from files
        left join companies on files.company_id = companies.company_id
        where files.company_id is not null
    ),

    partial_files as (select distinct source_file from {{ source("settings", "partial_exports") }})

select
    closings.company_id,
    closings.source_file,
    closings.source_sha256,
    closings.intake_number,
    closings.modified_at,
    closings.rows_landed,
    closings.total_debit,
    closings.total_credit,
    closings.period_start,
    closings.period_end,
    closings.latest_change_date,
    closings.is_accepted,
    partial_files.source_file is not null as is_partial,
    case
        when
            closings.median_date <= closings.closing_date_in_name
            and closings.median_date > {{ plus_months("closings.closing_date_in_name", -12) }}
        then closings.closing_date_in_name
        else closings.usual_closing_date
    end as fiscal_year_end_date
from closings
left join partial_files on closings.source_file = partial_files.source_file
