-- The entries that open a fiscal year: one row per company, year, journal and entry number that holds only
-- opening
-- lines. Found by the journal's configured code, by its name, by a usual code on the year's first day, or
-- (in years
-- with none of these) by its content: on the first day, no income or expense, an equity account, four
-- accounts or more.
with
    patterns as (select * from {{ source("settings", "opening_journals") }}),

    journal_days as (
        select company_id, fiscal_year_end_date, journal_code, journal_name, entry_date
        from {{ ref("int_ledger__lines_in_force") }}
        group by company_id, fiscal_year_end_date, journal_code, journal_name, entry_date
    ),

    named as (
        select
            journal_days.company_id,
            journal_days.fiscal_year_end_date,
            journal_days.journal_code,
            journal_days.journal_name,
            journal_days.entry_date
        from journal_days
        inner join
            {{ ref("int_ledger__fiscal_years") }} as years
            on journal_days.company_id = years.company_id
            and journal_days.fiscal_year_end_date = years.fiscal_year_end_date
        where
            exists (
                select 1
                from patterns
                where
                    patterns.journal_code = journal_days.journal_code
                    or {{ matches("lower(journal_days.journal_name)", "patterns.pattern") }}
                    or (
                        {{ matches("lower(journal_days.journal_code)", "patterns.pattern") }}
                        and journal_days.entry_date <= years.fiscal_year_start_date
                    )
            )
    ),

    named_entries as (
        select distinct
            lines.company_id,
            lines.fiscal_year_end_date,
            coalesce(lines.journal_code, '') as journal_code,
            coalesce(lines.entry_number, '') as entry_number,
            lines.entry_date
        from {{ ref("int_ledger__lines_in_force") }} as lines
        inner join
            named
            on lines.company_id = named.company_id
            and lines.fiscal_year_end_date = named.fiscal_year_end_date
            and lines.entry_date = named.entry_date
            and coalesce(lines.journal_code, '') = coalesce(named.journal_code, '')
            and coalesce(lines.journal_name, '') = coalesce(named.journal_name, '')
    ),

    opening_day_entries as (
        select
            lines.company_id,
            lines.fiscal_year_end_date,
            coalesce(lines.journal_code, '') as journal_code,
            coalesce(lines.entry_number, '') as entry_number,
            lines.entry_date
        from {{ ref("int_ledger__lines_in_force") }} as lines
        inner join
            {{ ref("int_ledger__fiscal_years") }} as years
            on lines.company_id = years.company_id
            and lines.fiscal_year_end_date = years.fiscal_year_end_date
            and lines.entry_date = years.fiscal_year_start_date
        inner join
            {{ ref("int_ledger__accounts_classified") }} as accounts
            on lines.company_id = accounts.company_id
            and lines.account_code = accounts.account_code
        group by
            lines.company_id,
            lines.fiscal_year_end_date,
            coalesce(lines.journal_code, ''),
            coalesce(lines.entry_number, ''),
            lines.entry_date
        having
            count(distinct lines.account_code) >= 4
            and sum(case when accounts.account_role in ('income', 'expense') then 1 else 0 end) = 0
            and sum(case when accounts.account_role = 'equity' then 1 else 0 end) > 0
    )

select *
from named_entries

union all

select opening_day_entries.*
from opening_day_entries
where
    not exists (
        select 1
        from named_entries
        where
            named_entries.company_id = opening_day_entries.company_id
            and named_entries.fiscal_year_end_date = opening_day_entries.fiscal_year_end_date
    )
