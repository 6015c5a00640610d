-- Debits = credits, per company, file, journal, and entry (entries that do not balance are listed one by
-- one), and no line lost between the files and the ledger. A company's total blocks only where the
-- imbalance is ours: real exports do not always balance, and that is theirs.
with
    lines as (select * from {{ ref("int_ledger__lines_identified") }}),

    in_force as (
        select * from {{ ref("int_files__ledger_exports_ranked") }} where export_status = 'in_force'
    ),

    landed as (
        select
            company_id,
            sum(rows_landed) as rows_landed,
            sum(total_debit - total_credit) as imbalance,
            max(case when is_partial then 1 else 0 end) as has_partial
        from in_force
        group by company_id
    ),

    by_company as (
        select company_id, count(*) as line_count, sum(debit) as debit, sum(credit) as credit
        from lines
        group by company_id
    ),

    by_file as (
        select company_id, source_file, sum(debit) as debit, sum(credit) as credit
        from lines
        group by company_id, source_file
    ),

    by_journal as (
        select company_id, fiscal_year_end_date, journal_code, sum(debit) as debit, sum(credit) as credit
        from lines
        group by company_id, fiscal_year_end_date, journal_code
    ),

    by_entry as (
        select company_id, journal_code, entry_number, entry_date, sum(debit) as debit, sum(credit) as credit
        from lines
        group by company_id, journal_code, entry_number, entry_date
    )

select
    by_company.company_id,
    'debits_equal_credits' as control_name,
    'company' as subject,
    by_company.credit as expected,
    by_company.debit as actual,
    landed.has_partial = 0 and by_company.debit - by_company.credit <> landed.imbalance as is_blocking
from by_company
inner join landed on by_company.company_id = landed.company_id

union all

select company_id, 'debits_equal_credits', concat('file ', source_file), credit, debit, false
from by_file

union all

select
    company_id,
    'debits_equal_credits',
    concat('journal ', coalesce(journal_code, ''), ' ', cast(fiscal_year_end_date as string)),
    credit,
    debit,
    false
from by_journal

union all

select
    company_id,
    'debits_equal_credits',
    concat(
        'entry ', coalesce(journal_code, ''), ' ', coalesce(entry_number, ''), ' ', cast(entry_date as string)
    ),
    credit,
    debit,
    false
from by_entry
where debit <> credit

union all

select
    company_id,
    'entries_that_balance',
    'company',
    count(*),
    sum(case when debit = credit then 1 else 0 end),
    false
from by_entry
group by company_id

union all

-- A partial export replaces lines of the full one, so only there may the ledger hold fewer lines than the
-- files.
select
    landed.company_id,
    'no_ledger_line_lost',
    'company',
    landed.rows_landed,
    coalesce(by_company.line_count, 0),
    true
from landed
left join by_company on landed.company_id = by_company.company_id
where landed.has_partial = 0
