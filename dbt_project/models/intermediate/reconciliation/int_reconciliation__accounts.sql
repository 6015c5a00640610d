-- Bank accounts that can be reconciled: a ledger account mirrors them, and statements tell their
-- balance. Accounts of one currency that one ledger account mirrors are reconciled together, under
-- the first of them. It begins where both sides are known: with the first statement, or with the
-- first fiscal year of the ledger.
with
    first_statements as (
        select bank_account_id, min(from_date) as first_statement_date
        from {{ ref("int_reconciliation__statements") }}
        group by bank_account_id
    ),

    first_years as (
        select company_id, min(fiscal_year_start_date) as first_ledger_date
        from {{ ref("int_ledger__fiscal_years") }}
        group by company_id
    )

select
    accounts.bank_account_id,
    min(accounts.bank_account_id) over mirrored as reconciled_account_id,
    accounts.company_id,
    accounts.ledger_account,
    accounts.currency_code,
    accounts.currency_code = companies.base_currency as is_base_currency,
    first_statements.first_statement_date,
    greatest(
        min(first_statements.first_statement_date) over mirrored, first_years.first_ledger_date
    ) as start_date
from {{ ref("int_bank__accounts") }} as accounts
inner join first_statements on accounts.bank_account_id = first_statements.bank_account_id
inner join first_years on accounts.company_id = first_years.company_id
inner join {{ ref("int_companies__known") }} as companies on accounts.company_id = companies.company_id
where accounts.ledger_account is not null
window mirrored as (partition by accounts.company_id, accounts.ledger_account, accounts.currency_code)
