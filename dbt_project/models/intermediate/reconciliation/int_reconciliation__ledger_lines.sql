-- Lines of the ledger accounts that are reconciled, in the bank account's currency, with the day
-- from which the ledger's balance holds them. The first opening entries say what the account held
-- on the day before; those of a later year are the balance from the year's first day, in the place
-- of the years before.
with
    accounts as (
        select distinct
            reconciled_account_id, company_id, ledger_account, currency_code, is_base_currency, start_date
        from {{ ref("int_reconciliation__accounts") }}
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
        when accounts.is_base_currency
        then lines.balance_amount
        when lines.currency_code = accounts.currency_code
        then coalesce(lines.amount_currency, 0)
        else 0
    end as amount,
    lines.document_ref,
    lines.entry_number,
    lines.label
from {{ ref("int_ledger__lines_identified") }} as lines
inner join accounts on lines.company_id = accounts.company_id and lines.account_code = accounts.ledger_account
