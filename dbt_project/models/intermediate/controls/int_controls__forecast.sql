-- What is forecast of receivables, over all weeks and beyond = what is open of them and not matched; the
-- groups of customers together = their items, and = the company.
with
    open_items as (
        select company_id, sum(projected_open_amount) as amount
        from {{ ref("fct_open_items") }}
        where ledger_side = 'receivable' and status in ('overdue', 'not_due') and projected_open_amount > 0
        group by company_id
    ),

    items as (
        select company_id, sum(expected_amount) as amount
        from {{ ref("fct_collection_forecast") }}
        group by company_id
    ),

    weeks as (
        select
            company_id,
            sum(case when customer_group = 'all' then expected_amount end) as company_amount,
            sum(case when customer_group <> 'all' then expected_amount end) as groups_amount
        from {{ ref("fct_collection_forecast_weeks") }}
        group by company_id
    )

select
    open_items.company_id,
    'forecast_equals_open_items' as control_name,
    'receivable' as subject,
    open_items.amount as expected,
    coalesce(items.amount, 0) as actual,
    false as is_blocking
from open_items
left join items on open_items.company_id = items.company_id

union all

select
    items.company_id,
    'forecast_weeks_equal_items' as control_name,
    'companies' as subject,
    items.amount as expected,
    coalesce(weeks.company_amount, 0) as actual,
    false as is_blocking
from items
left join weeks on items.company_id = weeks.company_id

union all

select
    items.company_id,
    'forecast_weeks_equal_items' as control_name,
    'customer groups' as subject,
    items.amount as expected,
    coalesce(weeks.groups_amount, 0) as actual,
    false as is_blocking
from items
left join weeks on items.company_id = weeks.company_id
