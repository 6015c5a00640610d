-- What the ledger says of each account at the dates of its statements, and on the eve of each year
-- that opened with entries of its own: the lines of the last such year and of those after it.
with
    years as (select * from {{ ref("int_reconciliation__ledger_years") }}),

    days as (
        select reconciled_account_id, fiscal_year_end_date, balance_date, sum(amount) as amount
        from {{ ref("int_reconciliation__ledger_lines") }}
        group by reconciled_account_id, fiscal_year_end_date, balance_date
    ),

    dates as (
        select reconciled_account_id, as_of_date
        from {{ ref("int_reconciliation__dates") }}
        union
        select reconciled_account_id, {{ plus_days("fiscal_year_start_date", -1) }}
        from years
    ),

    based as (
        select
            dates.reconciled_account_id,
            dates.as_of_date,
            coalesce(max(years.fiscal_year_end_date), date '1900-01-01') as base_year_end_date
        from dates
        left join
            years
            on dates.reconciled_account_id = years.reconciled_account_id
            and dates.as_of_date >= years.fiscal_year_start_date
        group by dates.reconciled_account_id, dates.as_of_date
    )

select
    based.reconciled_account_id,
    based.as_of_date,
    cast(coalesce(sum(days.amount), 0) as decimal(18, 5)) as ledger_balance
from based
left join
    days
    on based.reconciled_account_id = days.reconciled_account_id
    and days.fiscal_year_end_date >= based.base_year_end_date
    and days.balance_date <= based.as_of_date
group by based.reconciled_account_id, based.as_of_date
