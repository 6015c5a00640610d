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
    ),

    companies as (
        select company_id
        from open_items
        union
        select company_id
        from items
        union
        select company_id
        from weeks
    ),

    totals as (
        select
            companies.company_id,
            coalesce(open_items.amount, 0) as open_amount,
            coalesce(items.amount, 0) as items_amount,
            coalesce(weeks.company_amount, 0) as company_amount,
            coalesce(weeks.groups_amount, 0) as groups_amount
        from companies
        left join open_items on companies.company_id = open_items.company_id
        left join items on companies.company_id = items.company_id
        left join weeks on companies.company_id = weeks.company_id
    )

select
    company_id,
    'forecast_equals_open_items' as control_name,
    'receivable' as subject,
    open_amount as expected,
    items_amount as actual,
    false as is_blocking
from totals

union all

select
    company_id,
    'forecast_weeks_equal_items' as control_name,
    'companies' as subject,
    items_amount as expected,
    company_amount as actual,
    false as is_blocking
from totals

union all

select
    company_id,
    'forecast_weeks_equal_items' as control_name,
    'customer groups' as subject,
    items_amount as expected,
    groups_amount as actual,
    false as is_blocking
from totals
