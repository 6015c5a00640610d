-- What customers owe against what was invoiced, for each date and for the company, each agency and each
-- customer. Every sum of money is made once per customer and added up to the two levels above.
with
    dates as (
        select
            as_of_date,
            {{ before_months("as_of_date", 12) }} as before_year_date,
            {{ before_months("as_of_date", 3) }} as before_quarter_date
        from {{ ref("int_ageing__dates") }}
    ),

    customers as (
        select third_party_id, company_id, agency
        from {{ ref("int_third_parties__listed") }}
        where kind = 'customer'
    ),

    -- Whose figures they are: each customer counts for itself, for its agency and for its company.
    members as (
        select company_id, third_party_id, 'third_party' as level, third_party_id as level_key
        from customers
        union all
        select company_id, third_party_id, 'agency' as level, agency as level_key
        from customers
        where agency is not null
        union all
        select company_id, third_party_id, 'company' as level, company_id as level_key
        from customers
    ),

    -- A ledger tells of a period when it began no later than the month in which the period does.
    records as (
        select company_id, min(entry_date) as first_date, last_day(min(entry_date)) as first_month_end_date
        from {{ ref("int_items__posted") }}
        group by company_id
    ),

    first_items as (
        select
            items.company_id,
            items.third_party_id,
            items.ledger_side,
            items.account_role,
            items.original_amount
        from {{ ref("int_items__posted") }} as items
        inner join records on items.company_id = records.company_id and items.entry_date = records.first_date
        where items.item_type = 'opening'
    ),

    opened as (select distinct company_id from first_items),

    -- What was owed before a ledger's first day is told by the entries that open it.
    first_openings as (
        select
            members.company_id,
            members.level,
            members.level_key,
            sum(first_items.original_amount) as outstanding_amount
        from first_items
        inner join members on first_items.third_party_id = members.third_party_id
        where
            first_items.ledger_side = 'receivable'
            and first_items.account_role in ('customer', 'customer_bill')
        group by members.company_id, members.level, members.level_key
    ),

    balances as (
        select
            receivables.as_of_date,
            members.company_id,
            members.level,
            members.level_key,
            cast(sum(receivables.outstanding_amount) as decimal(18, 2)) as outstanding_amount,
            cast(sum(receivables.current_amount) as decimal(18, 2)) as current_amount,
            cast(sum(receivables.overdue_amount) as decimal(18, 2)) as overdue_amount,
            cast(sum(receivables.undated_amount) as decimal(18, 2)) as undated_amount,
            cast(sum(receivables.unapplied_amount) as decimal(18, 2)) as unapplied_amount
        from {{ ref("int_behaviour__receivables_at_dates") }} as receivables
        inner join members on receivables.third_party_id = members.third_party_id
        group by receivables.as_of_date, members.company_id, members.level, members.level_key
    ),

    monthly_sales as (
        select
            members.company_id,
            members.level,
            members.level_key,
            sales.period_end_date,
            cast(sum(sales.sales_amount) as decimal(18, 2)) as sales_amount
        from {{ ref("int_behaviour__sales") }} as sales
        inner join members on sales.third_party_id = members.third_party_id
        where sales.ledger_side = 'receivable'
        group by members.company_id, members.level, members.level_key, sales.period_end_date
    ),

    running_sales as (
        select
            *,
            sum(sales_amount) over (
                partition by level, level_key, company_id
                order by period_end_date
                rows between unbounded preceding and current row
            ) as until_amount
        from monthly_sales
    ),

    months as (select distinct period_end_date from monthly_sales),

    periods as (
        select dates.*, months.period_end_date
        from dates
        inner join months on months.period_end_date <= dates.as_of_date
    ),

    period_sales as (
        select
            periods.as_of_date,
            sales.company_id,
            sales.level,
            sales.level_key,
            cast(
                sum(
                    case
                        when sales.period_end_date > periods.before_year_date then sales.sales_amount else 0
                    end
                ) as decimal(18, 2)
            ) as sales_amount_12_months,
            cast(
                sum(
                    case
                        when sales.period_end_date > periods.before_quarter_date
                        then sales.sales_amount
                        else 0
                    end
                ) as decimal(18, 2)
            ) as sales_amount_3_months,
            cast(sum(sales.sales_amount) as decimal(18, 2)) as record_amount
        from periods
        inner join monthly_sales as sales on periods.period_end_date = sales.period_end_date
        group by periods.as_of_date, sales.company_id, sales.level, sales.level_key
    ),

    keys as (
        select as_of_date, company_id, level, level_key
        from balances
        union
        select as_of_date, company_id, level, level_key
        from period_sales
        where sales_amount_12_months <> 0 or level = 'company'
    ),

    -- Going back month by month, the first at which the sales reach the balance.
    used_up as (
        select
            balances.as_of_date,
            balances.company_id,
            balances.level,
            balances.level_key,
            max(sales.period_end_date) as last_month_end_date
        from balances
        inner join
            period_sales
            on balances.as_of_date = period_sales.as_of_date
            and balances.level = period_sales.level
            and balances.level_key = period_sales.level_key
            and balances.company_id = period_sales.company_id
        inner join
            running_sales as sales
            on balances.level = sales.level
            and balances.level_key = sales.level_key
            and balances.company_id = sales.company_id
        where
            balances.outstanding_amount > 0
            and sales.sales_amount > 0
            and sales.period_end_date <= balances.as_of_date
            and period_sales.record_amount - sales.until_amount + sales.sales_amount
            >= balances.outstanding_amount
        group by balances.as_of_date, balances.company_id, balances.level, balances.level_key
    ),

    counted_back as (
        select
            used_up.as_of_date,
            used_up.company_id,
            used_up.level,
            used_up.level_key,
            -- The whole months after it, and of it the share that the balance still takes.
            {{
                days_between(
                    "used_up.last_month_end_date",
                    "used_up.as_of_date",
                )
            }} as whole_days,
            extract(day from used_up.last_month_end_date) as month_days,
            balances.outstanding_amount - (period_sales.record_amount - sales.until_amount) as left_amount,
            sales.sales_amount as month_sales_amount
        from used_up
        inner join
            balances
            on used_up.as_of_date = balances.as_of_date
            and used_up.level = balances.level
            and used_up.level_key = balances.level_key
            and used_up.company_id = balances.company_id
        inner join
            period_sales
            on used_up.as_of_date = period_sales.as_of_date
            and used_up.level = period_sales.level
            and used_up.level_key = period_sales.level_key
            and used_up.company_id = period_sales.company_id
        inner join
            running_sales as sales
            on used_up.last_month_end_date = sales.period_end_date
            and used_up.level = sales.level
            and used_up.level_key = sales.level_key
            and used_up.company_id = sales.company_id
    ),

    paid as (
        select
            paid.as_of_date,
            members.company_id,
            members.level,
            members.level_key,
            sum(paid.weighted_days_to_pay_sum) as weighted_days_to_pay_sum,
            sum(paid.dated_amount) as dated_amount
        from {{ ref("int_behaviour__paid_at_dates") }} as paid
        inner join members on paid.third_party_id = members.third_party_id
        where paid.ledger_side = 'receivable'
        group by paid.as_of_date, members.company_id, members.level, members.level_key
    ),

    figures as (
        select
            keys.as_of_date,
            keys.company_id,
            keys.level,
            keys.level_key,
            coalesce(balances.outstanding_amount, 0) as outstanding_amount,
            coalesce(balances.current_amount, 0) as current_amount,
            coalesce(balances.overdue_amount, 0) as overdue_amount,
            coalesce(balances.undated_amount, 0) as undated_amount,
            coalesce(balances.unapplied_amount, 0) as unapplied_amount,
            coalesce(period_sales.sales_amount_12_months, 0) as sales_amount_12_months,
            coalesce(period_sales.sales_amount_3_months, 0) as sales_amount_3_months,
            {{ days_between("dates.before_year_date", "keys.as_of_date") }} as days_12_months,
            {{ days_between("dates.before_quarter_date", "keys.as_of_date") }} as days_3_months,
            records.first_month_end_date
            <= last_day({{ plus_days("dates.before_year_date", 1) }}) as knows_year,
            records.first_month_end_date
            <= last_day({{ plus_days("dates.before_quarter_date", 1) }}) as knows_quarter,
            counted_back.whole_days,
            counted_back.month_days,
            counted_back.left_amount,
            counted_back.month_sales_amount,
            case
                when records.first_date <= dates.before_quarter_date
                then coalesce(openings.outstanding_amount, 0)
                when opened.company_id is not null
                then coalesce(first_openings.outstanding_amount, 0)
            end as opening_amount,
            paid.weighted_days_to_pay_sum,
            paid.dated_amount
        from keys
        inner join dates on keys.as_of_date = dates.as_of_date
        left join records on keys.company_id = records.company_id
        left join opened on keys.company_id = opened.company_id
        left join
            first_openings
            on keys.level = first_openings.level
            and keys.level_key = first_openings.level_key
            and keys.company_id = first_openings.company_id
        left join
            balances
            on keys.as_of_date = balances.as_of_date
            and keys.level = balances.level
            and keys.level_key = balances.level_key
            and keys.company_id = balances.company_id
        left join
            balances as openings
            on dates.before_quarter_date = openings.as_of_date
            and keys.level = openings.level
            and keys.level_key = openings.level_key
            and keys.company_id = openings.company_id
        left join
            period_sales
            on keys.as_of_date = period_sales.as_of_date
            and keys.level = period_sales.level
            and keys.level_key = period_sales.level_key
            and keys.company_id = period_sales.company_id
        left join
            counted_back
            on keys.as_of_date = counted_back.as_of_date
            and keys.level = counted_back.level
            and keys.level_key = counted_back.level_key
            and keys.company_id = counted_back.company_id
        left join
            paid
            on keys.as_of_date = paid.as_of_date
            and keys.level = paid.level
            and keys.level_key = paid.level_key
            and keys.company_id = paid.company_id
    ),

    reasoned as (
        select
            *,
            case
                when outstanding_amount < 0
                then 'credit_balance'
                when not knows_year
                then 'record_too_short'
                when sales_amount_12_months <= 0
                then 'no_sales'
            end as dso_reason,
            case
                when outstanding_amount < 0
                then 'credit_balance'
                when not knows_quarter
                then 'record_too_short'
                when sales_amount_3_months <= 0
                then 'no_sales'
            end as dso_3_months_reason,
            case
                when outstanding_amount < 0
                then 'credit_balance'
                when outstanding_amount > 0 and month_sales_amount is null
                then 'record_used_up'
            end as dso_count_back_reason,
            case
                when not knows_quarter or opening_amount is null
                then 'record_too_short'
                when opening_amount + sales_amount_3_months - current_amount <= 0
                then 'nothing_to_collect'
            end as cei_reason
        from figures
    ),

    measured as (
        select
            *,
            case
                when dso_reason is null
                then {{ share_of("days_12_months", "outstanding_amount", "sales_amount_12_months") }}
            end as dso_days,
            case
                when dso_reason is null
                then {{ share_of("days_12_months", "current_amount", "sales_amount_12_months") }}
            end as best_possible_dso_days
        from reasoned
    )

select
    measured.as_of_date,
    measured.company_id,
    measured.level,
    measured.level_key,
    case when measured.level = 'third_party' then measured.level_key end as third_party_id,
    measured.outstanding_amount,
    measured.current_amount,
    measured.overdue_amount,
    measured.undated_amount,
    measured.unapplied_amount,
    {{
        portion_of(
            "measured.overdue_amount",
            "(measured.current_amount + measured.overdue_amount + measured.undated_amount)",
        )
    }} as overdue_share,
    measured.sales_amount_12_months,
    measured.sales_amount_3_months,
    measured.dso_days,
    measured.dso_reason,
    case
        when measured.dso_3_months_reason is null
        then
            {{
                share_of(
                    "measured.days_3_months",
                    "measured.outstanding_amount",
                    "measured.sales_amount_3_months",
                )
            }}
    end as dso_3_months_days,
    measured.dso_3_months_reason,
    case
        when measured.outstanding_amount = 0
        then cast(0 as decimal(18, 2))
        when measured.dso_count_back_reason is null
        then
            cast(
                measured.whole_days
                + {{
                    share_of(
                        "measured.month_days",
                        "measured.left_amount",
                        "measured.month_sales_amount",
                    )
                }} as decimal(18, 2)
            )
    end as dso_count_back_days,
    measured.dso_count_back_reason,
    measured.best_possible_dso_days,
    measured.dso_days - measured.best_possible_dso_days as average_days_delinquent,
    case
        when measured.cei_reason is null
        then
            {{
                mean_of(
                    "(100 * (measured.opening_amount + measured.sales_amount_3_months - measured.outstanding_amount))",
                    "(measured.opening_amount + measured.sales_amount_3_months - measured.current_amount)",
                )
            }}
    end as collection_effectiveness_index,
    measured.cei_reason as collection_effectiveness_reason,
    {{ mean_of("measured.weighted_days_to_pay_sum", "measured.dated_amount") }} as weighted_days_to_pay,
    case when coalesce(measured.dated_amount, 0) = 0 then 'no_payments' end as weighted_days_to_pay_reason,
    companies.base_currency
from measured
left join {{ ref("int_companies__known") }} as companies on measured.company_id = companies.company_id
