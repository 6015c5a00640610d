-- What the specific view writes down of the receivables on doubtful accounts, against what the books hold for
-- it. The books' balance is made like that of the control accounts: from the last year that opened with its
-- own opening entries on.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    lines as (
        select
            lines.company_id,
            lines.fiscal_year_start_date,
            lines.fiscal_year_end_date,
            lines.opens_later_year,
            lines.account_role,
            lines.credit - lines.debit as amount,
            lines.entry_date <= context.as_of_date
            or (lines.is_restatement and lines.fiscal_year_start_date <= context.as_of_date) as is_counted
        from {{ ref("int_ledger__lines_identified") }} as lines
        cross join context
        where lines.account_role = 'receivable_depreciation' or lines.opens_later_year
    ),

    base_years as (
        select lines.company_id, max(lines.fiscal_year_end_date) as fiscal_year_end_date
        from lines
        cross join context
        where lines.opens_later_year and lines.fiscal_year_start_date <= context.as_of_date
        group by lines.company_id
    ),

    booked as (
        select lines.company_id, sum(lines.amount) as amount
        from lines
        left join base_years on lines.company_id = base_years.company_id
        where
            lines.account_role = 'receivable_depreciation'
            and lines.is_counted
            and lines.fiscal_year_end_date >= coalesce(base_years.fiscal_year_end_date, date '1900-01-01')
        group by lines.company_id
    ),

    wanted as (
        select company_id, sum(specific_amount) as amount
        from {{ ref("fct_doubtful_receivables") }}
        where is_doubtful
        group by company_id
    ),

    companies as (
        select company_id
        from booked
        union
        select company_id
        from wanted
    )

select
    companies.company_id,
    'doubtful_receivables_are_written_down' as control_name,
    'receivable_depreciation' as subject,
    coalesce(wanted.amount, 0) as expected,
    coalesce(booked.amount, 0) as actual,
    false as is_blocking
from companies
left join wanted on companies.company_id = wanted.company_id
left join booked on companies.company_id = booked.company_id
