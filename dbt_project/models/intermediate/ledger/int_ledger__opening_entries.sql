-- The entries that open a fiscal year: one row per company, year, journal, entry number and date that
-- holds only opening lines. Found by the journal's configured code, by its name, by a usual code on the
-- year's first day, or (in years with none of these) by its content: on the first day, no income or
-- expense, an equity account, four accounts or more.
with
    patterns as (select * from {{ source("settings", "opening_journals") }}),

    lines as (
        select
            company_id,
            fiscal_year_end_date,
            coalesce(journal_code, '') as journal_code,
            journal_name,
            coalesce(entry_number, '') as entry_number,
            entry_date,
            account_code
        from {{ ref("int_ledger__lines_in_force") }}
    ),

    entries as (
        select
            company_id,
            fiscal_year_end_date,
            journal_code,
            max(lower(journal_name)) as journal_name,
            entry_number,
            entry_date
        from lines
        group by company_id, fiscal_year_end_date, journal_code, entry_number, entry_date
    ),

    first_day_entries as (
        select
            lines.company_id,
            lines.fiscal_year_end_date,
            lines.journal_code,
            lines.entry_number,
            lines.entry_date,
            count(distinct lines.account_code) as account_count,
            max(case when accounts.account_role = 'equity' then 1 else 0 end) as has_equity,
            max(case when accounts.account_role in ('income', 'expense') then 1 else 0 end) as has_result
        from lines
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
            lines.journal_code,
            lines.entry_number,
            lines.entry_date
    ),

    journals as (select distinct journal_code, journal_name from entries),

    named_journals as (
        select
            journals.journal_code,
            journals.journal_name,
            max(
                case
                    when patterns.journal_code = journals.journal_code
                    then 1
                    when {{ matches("journals.journal_name", "patterns.pattern") }}
                    then 1
                    else 0
                end
            ) as is_opening_journal,
            max(
                case when {{ matches("lower(journals.journal_code)", "patterns.pattern") }} then 1 else 0 end
            ) as has_opening_code
        from journals
        cross join patterns
        group by journals.journal_code, journals.journal_name
    ),

    judged as (
        select
            entries.company_id,
            entries.fiscal_year_end_date,
            entries.journal_code,
            entries.entry_number,
            entries.entry_date,
            case
                when named_journals.is_opening_journal = 1
                then 'named'
                when
                    named_journals.has_opening_code = 1 and entries.entry_date <= years.fiscal_year_start_date
                then 'named'
                when
                    first_day_entries.account_count >= 4
                    and first_day_entries.has_equity = 1
                    and first_day_entries.has_result = 0
                then 'opening_day'
            end as found_by
        from entries
        inner join
            {{ ref("int_ledger__fiscal_years") }} as years
            on entries.company_id = years.company_id
            and entries.fiscal_year_end_date = years.fiscal_year_end_date
        left join
            first_day_entries
            on entries.company_id = first_day_entries.company_id
            and entries.fiscal_year_end_date = first_day_entries.fiscal_year_end_date
            and entries.journal_code = first_day_entries.journal_code
            and entries.entry_number = first_day_entries.entry_number
            and entries.entry_date = first_day_entries.entry_date
        left join
            named_journals
            on entries.journal_code = named_journals.journal_code
            and coalesce(entries.journal_name, '') = coalesce(named_journals.journal_name, '')
    ),

    named_years as (select distinct company_id, fiscal_year_end_date from judged where found_by = 'named')

select
    judged.company_id,
    judged.fiscal_year_end_date,
    judged.journal_code,
    judged.entry_number,
    judged.entry_date
from judged
left join
    named_years
    on judged.company_id = named_years.company_id
    and judged.fiscal_year_end_date = named_years.fiscal_year_end_date
where judged.found_by = 'named' or (judged.found_by = 'opening_day' and named_years.company_id is null)
