-- What was invoiced, less credit notes, VAT included, by third party and month of the accounting date; of a
-- supplier, what was bought. Openings are no sales, and neither is asking for a deposit. The month of the
-- run's own date ends on it.
with
    items as (
        select
            items.company_id,
            items.ledger_side,
            items.third_party_id,
            items.original_amount,
            least(last_day(items.entry_date), context.as_of_date) as period_end_date
        from {{ ref("int_items__posted") }} as items
        cross join {{ source("run", "context") }} as context
        where
            items.item_type in ('invoice', 'credit_note')
            and items.settlement_kind = 'credit_note'
            and items.entry_date <= context.as_of_date
    )

select
    company_id,
    ledger_side,
    third_party_id,
    period_end_date,
    cast(sum(original_amount) as decimal(18, 2)) as sales_amount
from items
group by company_id, ledger_side, third_party_id, period_end_date
