-- What customers owe at each date, by third party: the accounts of customers and of bills receivable.
-- Advances are debts, doubtful receivables are no longer waited for, and accruals are no items.
with
    items as (
        select item_id
        from {{ ref("int_items__posted") }}
        where ledger_side = 'receivable' and account_role in ('customer', 'customer_bill')
    )

select
    at_dates.as_of_date,
    at_dates.company_id,
    at_dates.third_party_id,
    cast(sum(at_dates.open_amount) as decimal(18, 2)) as outstanding_amount,
    cast(
        sum(case when at_dates.status = 'not_due' then at_dates.open_amount else 0 end) as decimal(18, 2)
    ) as current_amount,
    cast(
        sum(case when at_dates.status = 'overdue' then at_dates.open_amount else 0 end) as decimal(18, 2)
    ) as overdue_amount,
    cast(
        sum(case when at_dates.status = 'undated' then at_dates.open_amount else 0 end) as decimal(18, 2)
    ) as undated_amount,
    cast(
        sum(case when at_dates.status = 'unapplied' then at_dates.open_amount else 0 end) as decimal(18, 2)
    ) as unapplied_amount
from {{ ref("int_ageing__items_at_dates") }} as at_dates
inner join items on at_dates.item_id = items.item_id
group by at_dates.as_of_date, at_dates.company_id, at_dates.third_party_id
