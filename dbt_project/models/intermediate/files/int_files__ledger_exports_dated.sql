-- One row per ledger file whose company is known, with the fiscal year that it restates. The year that is
-- configured wins. Else the closing date in the file's name is believed when the twelve months before it
-- hold the bulk of the lines (names with a wrong year are seen in practice), and else the entries tell:
-- the calendar year of the first one when the bulk lies in it, twelve months from the first one when not.
-- Exports that begin together and show the same days restate one year, whatever their names say: an
-- interim export is often named by its own last day.
with
    files as (
        select
            *,
            -- A first date more than a year before most lines is a slip, not a beginning.
            case when period_start > {{ plus_days("median_date", -400) }} then period_start end as first_date
        from {{ ref("stg_landing__source_files") }}
        where kind = 'ledger' and status = 'landed' and rows_landed > 0 and company_id is not null
    ),

    companies as (select * from {{ source("settings", "companies") }}),

    partial_files as (select distinct source_file from {{ source("settings", "partial_exports") }}),

    guessed as (
        select
            files.*,
            partial_files.source_file is not null as is_partial,
            case
                when companies.fiscal_year_end is not null
                then {{ fiscal_year_end_of("files.median_date", "companies.fiscal_year_end") }}
                when
                    files.median_date <= files.closing_date_in_name
                    and files.median_date > {{ plus_months("files.closing_date_in_name", -12) }}
                then files.closing_date_in_name
                when files.first_date is null
                then {{ fiscal_year_end_of("files.median_date", "'12-31'") }}
                when
                    year(files.first_date) = year(files.median_date)
                    and not (
                        -- More than a slip past December, and less than a year and a bit in all: no
                        -- calendar year.
                        files.period_end
                        > {{ plus_days(fiscal_year_end_of("files.first_date", "'12-31'"), 31) }}
                        and files.period_end < {{ plus_days("files.first_date", 400) }}
                    )
                then {{ fiscal_year_end_of("files.first_date", "'12-31'") }}
                else last_day({{ plus_months("files.first_date", 11) }})
            end as guessed_year_end_date
        from files
        left join companies on files.company_id = companies.company_id
        left join partial_files on files.source_file = partial_files.source_file
    ),

    ordered as (
        select
            *,
            lag(first_date) over (
                partition by company_id, is_partial order by first_date, period_end, source_sha256
            ) as previous_first_date,
            max(period_end) over (
                partition by company_id, is_partial
                order by first_date, period_end, source_sha256
                rows between unbounded preceding and 1 preceding
            ) as shown_until_date,
            max(median_date) over (
                partition by company_id, is_partial
                order by first_date, period_end, source_sha256
                rows between unbounded preceding and 1 preceding
            ) as mostly_until_date,
            max(guessed_year_end_date) over (
                partition by company_id, is_partial
                order by first_date, period_end, source_sha256
                rows between unbounded preceding and 1 preceding
            ) as known_year_end_date
        from guessed
    ),

    -- A slip into the next year does not make two years one: the bulk of the lines decides, on either side.
    compared as (
        select
            *,
            coalesce(
                first_date <= {{ plus_days("previous_first_date", 90) }} and first_date <= mostly_until_date,
                false
            ) as begins_together,
            coalesce(
                first_date <= shown_until_date and median_date <= known_year_end_date, false
            ) as shows_the_same_days
        from ordered
    ),

    together as (
        select
            *,
            sum(
                case when not is_partial and (begins_together or shows_the_same_days) then 0 else 1 end
            ) over (
                partition by company_id, is_partial
                order by first_date, period_end, source_sha256
                rows between unbounded preceding and current row
            ) as beginning
        from compared
    ),

    -- A stray part of the year does not say when it ends; the exports that begin it do.
    dated as (
        select
            *,
            coalesce(
                max(
                    case when begins_together or not shows_the_same_days then guessed_year_end_date end
                ) over (partition by company_id, is_partial, beginning),
                guessed_year_end_date
            ) as fiscal_year_end_date
        from together
    ),

    -- A declared part belongs to the year of a full export that holds the bulk of its lines.
    years_of_parts as (
        select
            parts.company_id,
            parts.source_sha256,
            min(full_exports.fiscal_year_end_date) as fiscal_year_end_date
        from dated as parts
        inner join
            dated as full_exports
            on parts.company_id = full_exports.company_id
            and parts.median_date <= full_exports.fiscal_year_end_date
            and parts.median_date > {{ plus_months("full_exports.fiscal_year_end_date", -12) }}
        where parts.is_partial and not full_exports.is_partial
        group by parts.company_id, parts.source_sha256
    )

select
    dated.company_id,
    dated.source_file,
    dated.source_sha256,
    dated.intake_number,
    dated.modified_at,
    dated.rows_landed,
    dated.total_debit,
    dated.total_credit,
    dated.period_start,
    dated.period_end,
    dated.latest_change_date,
    dated.is_accepted,
    dated.is_partial,
    coalesce(years_of_parts.fiscal_year_end_date, dated.fiscal_year_end_date) as fiscal_year_end_date
from dated
left join
    years_of_parts
    on dated.company_id = years_of_parts.company_id
    and dated.source_sha256 = years_of_parts.source_sha256
    and dated.is_partial
