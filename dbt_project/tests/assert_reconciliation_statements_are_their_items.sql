-- Balance and items make the adjusted balance, on either side.
with
    items as (
        select
            bank_account_id,
            as_of_date,
            count(*) as item_count,
            sum(case when adjusted_side = 'bank' then amount else 0 end) as bank_adjustment,
            sum(case when adjusted_side = 'ledger' then amount else 0 end) as ledger_adjustment
        from {{ ref("fct_bank_reconciliation_statement_items") }}
        group by bank_account_id, as_of_date
    )

select statements.bank_account_id, statements.as_of_date
from {{ ref("fct_bank_reconciliation_statements") }} as statements
left join
    items on statements.bank_account_id = items.bank_account_id and statements.as_of_date = items.as_of_date
where
    statements.item_count <> coalesce(items.item_count, 0)
    or statements.adjusted_bank_balance <> statements.bank_balance + coalesce(items.bank_adjustment, 0)
    or statements.adjusted_ledger_balance <> statements.ledger_balance + coalesce(items.ledger_adjustment, 0)
    or statements.difference <> statements.adjusted_bank_balance - statements.adjusted_ledger_balance
