-- Lines of the ledger accounts that are reconciled, in the bank account's currency, with the day from
-- which the ledger's balance holds them. The first opening entries say what the account held on the
-- day before; those of a later year are the balance from the year's first day, in the place of the
-- years before. Where one ledger account mirrors bank accounts of several currencies, a line is of the
-- currency that it names.
with
    accounts as (
        select distinct
            reconciled_account_id, company_id, ledger_account, currency_code, is_base_currency, start_date
        from {{ ref("int_reconciliation__accounts") }}
    ),

    mirrors as (
        select company_id, ledger_account, count(distinct currency_code) as currency_count
        from {{ ref("int_bank__accounts") }}
        where ledger_account is not null and has_statements
        group by company_id, ledger_account
    )

select
    lines.ledger_line_id,
    accounts.reconciled_account_id,
    accounts.start_date,
    lines.fiscal_year_end_date,
    lines.fiscal_year_start_date,
    lines.entry_date,
    lines.is_opening,
    lines.opens_later_year,
    case
        when lines.opens_later_year
        then lines.fiscal_year_start_date
        when lines.is_opening
        then {{ plus_days("lines.fiscal_year_start_date", -1) }}
        else least(lines.entry_date, lines.fiscal_year_end_date)
    end as balance_date,
    case
        when accounts.is_base_currency then lines.balance_amount else coalesce(lines.amount_currency, 0)
    end as amount,
    lines.document_ref,
    lines.entry_number,
    lines.label
from {{ ref("int_ledger__lines_identified") }} as lines
inner join accounts on lines.company_id = accounts.company_id and lines.account_code = accounts.ledger_account
inner join
    mirrors on accounts.company_id = mirrors.company_id and accounts.ledger_account = mirrors.ledger_account
where
    mirrors.currency_count = 1
    or coalesce(nullif(lines.currency_code, '') = accounts.currency_code, accounts.is_base_currency)
