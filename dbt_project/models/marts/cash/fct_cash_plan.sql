-- What each bank account will hold at the end of each of the thirteen weeks of the collection forecast.
-- What customers will pay and suppliers are to be paid is the company's, and goes through its accounts of
-- the company's currency in the shares of the last twelve months; the shares are those of a running
-- total, so that they add up. A band of several weeks is as wide as the root of the sum of their squares:
-- weeks are taken to be independent.
{% set until_here = "over (partition by bank_account_id order by week_number rows between unbounded preceding and current row)" %}
with
    context as (
        select
            as_of_date,
            cast(date_trunc('week', {{ plus_days("as_of_date", 1) }}) as date) as first_monday_date
        from {{ source("run", "context") }}
    ),

    accounts as (select * from {{ ref("int_cash__accounts") }}),

    weeks as (
        {% for week in range(1, 14) %}
            select
                {{ week }} as week_number,
                {{ plus_days("first_monday_date", 7 * week - 7) }} as week_start_date,
                {{ plus_days("first_monday_date", 7 * week - 1) }} as week_end_date
            from context {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    receipts as (
        select company_id, week_number, expected_amount, p10_amount, p50_amount, p90_amount
        from {{ ref("fct_collection_forecast_weeks") }}
        where customer_group = 'all'
    ),

    payables as (
        select company_id, week_number, sum(amount) as amount
        from {{ ref("int_cash__payables") }}
        group by company_id, week_number
    ),

    payable_totals as (
        select company_id, cast(sum(amount) as decimal(18, 2)) as amount from payables group by company_id
    ),

    calendar as (
        select
            days.day,
            days.next_working_day,
            extract(year from days.day) * 12 + extract(month from days.day) as month_number,
            extract(day from days.day) as day_number,
            {{ days_between("days.day", "last_day(days.day)") }} as days_before_end,
            cast(date_trunc('week', days.day) as date) as monday_date,
            {{ days_between("cast(date_trunc('week', days.day) as date)", "days.day") }} + 1 as weekday
        from {{ source("run", "working_days") }} as days
        inner join
            context
            on days.day > {{ plus_days("context.as_of_date", -14) }}
            and days.day < {{ plus_days("context.first_monday_date", 91) }}
    ),

    -- What was due by the as-of date is awaited for two days more; after that it is in the balance, or
    -- missed.
    due_flows as (
        select
            flows.recurring_flow_id,
            flows.bank_account_id,
            flows.rhythm,
            flows.typical_amount,
            flows.spread_amount,
            case when flows.rhythm = 'weekly' then calendar.day else calendar.next_working_day end as due_date
        from {{ ref("fct_recurring_flows") }} as flows
        inner join accounts on flows.bank_account_id = accounts.bank_account_id
        cross join context
        inner join
            calendar
            on case
                when flows.rhythm = 'weekly'
                then
                    calendar.day >= flows.next_expected_date
                    and calendar.day >= {{ plus_days("context.as_of_date", -2) }}
                    and calendar.weekday = flows.usual_day
                else
                    calendar.next_working_day >= flows.next_expected_date
                    and calendar.next_working_day >= {{ plus_days("context.as_of_date", -2) }}
                    and mod(
                        calendar.month_number
                        - extract(year from flows.last_occurrence_date) * 12
                        - extract(month from flows.last_occurrence_date),
                        case flows.rhythm when 'monthly' then 1 when 'quarterly' then 3 else 12 end
                    )
                    = 0
                    and (
                        calendar.day_number = flows.usual_day
                        or calendar.days_before_end = - flows.usual_day - 1
                    )
            end
        where flows.is_expected and flows.currency_code = accounts.currency_code
    ),

    -- What the books hold already is in the opening balance. A line stands for one occurrence, and an
    -- occurrence for one line.
    paired as (
        select
            flows.recurring_flow_id,
            flows.due_date,
            row_number() over (
                partition by booked.ledger_line_id
                order by
                    abs({{ days_between("booked.entry_date", "flows.due_date") }}),
                    abs(booked.amount - flows.typical_amount),
                    flows.recurring_flow_id,
                    flows.due_date
            ) as choice_of_line,
            row_number() over (
                partition by flows.recurring_flow_id, flows.due_date
                order by
                    abs({{ days_between("booked.entry_date", "flows.due_date") }}),
                    abs(booked.amount - flows.typical_amount),
                    booked.ledger_line_id
            ) as choice_of_flow
        from due_flows as flows
        inner join
            {{ ref("int_cash__booked_lines") }} as booked
            on flows.bank_account_id = booked.bank_account_id
            and booked.may_recur
            and flows.typical_amount * booked.amount > 0
            and abs({{ days_between("booked.entry_date", "flows.due_date") }})
            <= case when flows.rhythm = 'weekly' then 3 else 5 end
            and 10 * abs(booked.amount - flows.typical_amount)
            <= greatest(30 * flows.spread_amount, abs(flows.typical_amount))
    ),

    booked_flows as (
        select distinct recurring_flow_id, due_date from paired where choice_of_line = choice_of_flow
    ),

    flows as (
        select due_flows.bank_account_id, weeks.week_number, sum(due_flows.typical_amount) as amount
        from due_flows
        cross join context
        inner join
            weeks
            on greatest(due_flows.due_date, {{ plus_days("context.as_of_date", 1) }})
            between weeks.week_start_date and weeks.week_end_date
        left join
            booked_flows
            on due_flows.recurring_flow_id = booked_flows.recurring_flow_id
            and due_flows.due_date = booked_flows.due_date
        where booked_flows.recurring_flow_id is null
        group by due_flows.bank_account_id, weeks.week_number
    ),

    planned as (
        select
            accounts.*,
            weeks.*,
            {% for name, amount in [
                ("receipts_expected", "expected_amount"),
                ("receipts_p10", "p10_amount"),
                ("receipts_p50", "p50_amount"),
                ("receipts_p90", "p90_amount"),
            ] %}
                cast(
                    {{
                        allotted(
                            "receipts." ~ amount,
                            "accounts.receipts_from",
                            "accounts.receipts_until",
                            "accounts.receipts_whole",
                        )
                    }} as decimal(18, 2)
                ) as {{ name }},
            {% endfor %}
            cast(
                - {{
                    allotted(
                        "payables.amount",
                        "accounts.payments_from",
                        "accounts.payments_until",
                        "accounts.payments_whole",
                    )
                }} as decimal(18, 2)
            ) as supplier_payments,
            cast(
                - {{
                    allotted(
                        "payable_totals.amount",
                        "accounts.payments_from",
                        "accounts.payments_until",
                        "accounts.payments_whole",
                    )
                }} as decimal(18, 2)
            ) as all_supplier_payments,
            cast(coalesce(flows.amount, 0) as decimal(18, 2)) as recurring_flows
        from accounts
        cross join weeks
        left join
            receipts
            on accounts.company_id = receipts.company_id
            and weeks.week_number = receipts.week_number
            and accounts.is_base_currency
        left join
            payables
            on accounts.company_id = payables.company_id
            and weeks.week_number = payables.week_number
            and accounts.is_base_currency
        left join
            payable_totals on accounts.company_id = payable_totals.company_id and accounts.is_base_currency
        left join
            flows
            on accounts.bank_account_id = flows.bank_account_id
            and weeks.week_number = flows.week_number
    ),

    summed as (
        select
            *,
            -- Null where neither the bank nor the books say.
            case
                when statement_balance is not null or books_only_amount is not null
                then coalesce(statement_balance, 0) + coalesce(books_only_amount, 0)
            end as held_amount,
            receipts_expected + supplier_payments + recurring_flows as change_amount,
            cast(
                sum(receipts_expected + supplier_payments + recurring_flows) {{ until_here }} as decimal(
                    18, 2
                )
            ) as change_until,
            cast(
                all_supplier_payments - sum(supplier_payments) {{ until_here }} as decimal(18, 2)
            ) as supplier_payments_beyond,
            cast(
                sqrt(
                    sum(
                        (receipts_expected - receipts_p10) * (receipts_expected - receipts_p10)
                    ) {{ until_here }}
                ) as decimal(18, 2)
            ) as shortfall,
            cast(
                sqrt(
                    sum(
                        (receipts_p90 - receipts_expected) * (receipts_p90 - receipts_expected)
                    ) {{ until_here }}
                ) as decimal(18, 2)
            ) as surplus
        from planned
    )

select
    context.as_of_date,
    summed.company_id,
    summed.bank_account_id,
    cast(summed.week_number as integer) as week_number,
    summed.week_start_date,
    summed.week_end_date,
    cast(
        summed.held_amount + summed.change_until - summed.change_amount as decimal(18, 2)
    ) as opening_balance,
    summed.receipts_expected,
    summed.receipts_p10,
    summed.receipts_p50,
    summed.receipts_p90,
    summed.supplier_payments,
    summed.recurring_flows,
    cast(summed.held_amount + summed.change_until as decimal(18, 2)) as closing_balance,
    cast(summed.held_amount + summed.change_until - summed.shortfall as decimal(18, 2)) as closing_p10,
    cast(summed.held_amount + summed.change_until + summed.surplus as decimal(18, 2)) as closing_p90,
    summed.minimum_balance,
    summed.held_amount + summed.change_until < summed.minimum_balance as is_below_threshold,
    summed.held_amount + summed.change_until - summed.shortfall
    < summed.minimum_balance as is_below_threshold_p10,
    summed.supplier_payments_beyond,
    summed.statement_date,
    summed.statement_balance,
    summed.books_only_amount,
    summed.currency_code
from summed
cross join context
