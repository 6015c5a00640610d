-- The later fiscal years that opened with entries of their own: from their first day the ledger's
-- balance is what these say. In another currency than the ledger's, only where they say an amount
-- in it.
with
    accounts as (
        select distinct reconciled_account_id, company_id, is_base_currency
        from {{ ref("int_reconciliation__accounts") }}
    ),

    opened as (
        select distinct years.company_id, years.fiscal_year_end_date, years.fiscal_year_start_date
        from {{ ref("int_ledger__opening_entries") }} as entries
        inner join
            {{ ref("int_ledger__fiscal_years") }} as years
            on entries.company_id = years.company_id
            and entries.fiscal_year_end_date = years.fiscal_year_end_date
        where years.previous_year_end_date is not null
    ),

    restated as (
        select reconciled_account_id, fiscal_year_end_date, sum(amount) as opening_amount
        from {{ ref("int_reconciliation__ledger_lines") }}
        where opens_later_year and amount <> 0
        group by reconciled_account_id, fiscal_year_end_date
    )

select
    accounts.reconciled_account_id,
    opened.fiscal_year_end_date,
    opened.fiscal_year_start_date,
    coalesce(restated.opening_amount, 0) as opening_amount
from opened
inner join accounts on opened.company_id = accounts.company_id
left join
    restated
    on accounts.reconciled_account_id = restated.reconciled_account_id
    and opened.fiscal_year_end_date = restated.fiscal_year_end_date
where accounts.is_base_currency or restated.opening_amount is not null
