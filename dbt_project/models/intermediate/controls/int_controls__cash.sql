-- The cash plan with what it is made of: receipts of each week with the forecast, payments of all weeks
-- and beyond with what suppliers are owed, and each account's balances with its movements. What is due in
-- the currency of a company none of whose accounts is kept in it is in no plan, and shows.
with
    plan as (select * from {{ ref("fct_cash_plan") }}),

    companies as (select distinct company_id from plan),

    weeks as (
        select company_id, week_number, sum(receipts_expected) as amount
        from plan
        group by company_id, week_number
    ),

    payments as (
        select
            company_id,
            sum(supplier_payments)
            + sum(case when week_number = 13 then supplier_payments_beyond else 0 end) as amount
        from plan
        group by company_id
    ),

    owed as (
        select company_id, sum(projected_open_amount) as amount
        from {{ ref("fct_open_items") }}
        where
            ledger_side = 'payable'
            and status in ('overdue', 'not_due', 'undated')
            and projected_open_amount > 0
        group by company_id
    ),

    steps as (
        select
            company_id,
            bank_account_id,
            closing_balance,
            opening_balance + receipts_expected + supplier_payments + recurring_flows as moved_balance,
            coalesce(
                opening_balance
                - lag(closing_balance) over (partition by bank_account_id order by week_number),
                0
            ) as gap
        from plan
        where opening_balance is not null
    )

select
    weeks.company_id,
    'cash_plan_receipts_equal_forecast' as control_name,
    concat('week ', cast(weeks.week_number as string)) as subject,
    coalesce(forecast.expected_amount, 0) as expected,
    weeks.amount as actual,
    false as is_blocking
from weeks
left join
    {{ ref("fct_collection_forecast_weeks") }} as forecast
    on weeks.company_id = forecast.company_id
    and weeks.week_number = forecast.week_number
    and forecast.customer_group = 'all'

union all

select
    companies.company_id,
    'cash_plan_payments_equal_payables' as control_name,
    'payable' as subject,
    coalesce(owed.amount, 0) as expected,
    - payments.amount as actual,
    false as is_blocking
from companies
inner join payments on companies.company_id = payments.company_id
left join owed on companies.company_id = owed.company_id

union all

select
    company_id,
    'cash_plan_balances_go_on' as control_name,
    bank_account_id as subject,
    sum(moved_balance) as expected,
    sum(closing_balance) + sum(abs(gap)) as actual,
    false as is_blocking
from steps
group by company_id, bank_account_id
