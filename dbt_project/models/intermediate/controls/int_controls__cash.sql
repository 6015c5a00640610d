-- The cash plan with what it is made of: receipts of each week with the forecast, payments of all weeks
-- and beyond with what suppliers are owed, each account's last balance with its first and its movements,
-- and the first with the books, once they hold what only the bank has shown. What is due in the currency of
-- a company none of whose accounts is kept in it is in no plan, and shows.
with
    context as (select as_of_date from {{ source("run", "context") }}),

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

    -- A supplier that owes more than it is owed is paid nothing.
    owed as (
        select company_id, sum(greatest(amount, 0)) as amount
        from
            (
                select company_id, sum(projected_open_amount) as amount
                from {{ ref("fct_open_items") }}
                where ledger_side = 'payable'
                group by company_id, third_party_id
            ) as suppliers
        group by company_id
    ),

    openings as (
        select
            reconciled.company_id,
            reconciled.reconciled_account_id,
            sum(plan.opening_balance) as opening_balance
        from plan
        inner join
            {{ ref("int_reconciliation__accounts") }} as reconciled
            on plan.bank_account_id = reconciled.bank_account_id
        where plan.week_number = 1
        group by reconciled.company_id, reconciled.reconciled_account_id
    ),

    -- From the first opening to the last closing in one sum, and each week from the one before.
    steps as (
        select
            this.company_id,
            this.bank_account_id,
            case when this.week_number = 1 then this.opening_balance else 0 end
            + this.receipts_expected
            + this.supplier_payments
            + this.recurring_flows as moved_amount,
            case when this.week_number = 13 then this.closing_balance else 0 end as last_balance,
            coalesce(this.opening_balance - before.closing_balance, 0) as gap
        from plan as this
        left join
            plan as before
            on this.bank_account_id = before.bank_account_id
            and this.week_number = before.week_number + 1
        where this.opening_balance is not null
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
    sum(moved_amount) as expected,
    sum(last_balance) + sum(abs(gap)) as actual,
    false as is_blocking
from steps
group by company_id, bank_account_id

union all

select
    openings.company_id,
    'cash_plan_opens_with_the_books' as control_name,
    openings.reconciled_account_id as subject,
    statements.adjusted_ledger_balance as expected,
    openings.opening_balance as actual,
    false as is_blocking
from openings
cross join context
inner join
    {{ ref("fct_bank_reconciliation_statements") }} as statements
    on openings.reconciled_account_id = statements.bank_account_id
    and context.as_of_date = statements.as_of_date
