-- How each third party paid, or was paid, in the twelve months up to each date.
with
    dates as (
        select as_of_date, is_own_date, {{ before_months("as_of_date", 12) }} as before_year_date
        from {{ ref("int_ageing__dates") }}
    ),

    paid as (select * from {{ ref("int_behaviour__paid_at_dates") }}),

    last_days as (
        select
            paid.as_of_date,
            paid.third_party_id,
            paid.ledger_side,
            cast(sum(payments.amount) as decimal(18, 2)) as last_payment_amount
        from paid
        inner join dates on paid.as_of_date = dates.as_of_date
        inner join
            {{ ref("int_behaviour__payments") }} as payments
            on paid.third_party_id = payments.third_party_id
            and paid.ledger_side = payments.ledger_side
            and paid.last_payment_date = payments.effective_date
        where
            (payments.status = 'booked' or dates.is_own_date)
            and (payments.returned_date is null or payments.returned_date > paid.as_of_date)
        group by paid.as_of_date, paid.third_party_id, paid.ledger_side
    ),

    returned as (
        select
            dates.as_of_date,
            returns.company_id,
            returns.ledger_side,
            returns.third_party_id,
            count(*) as returned_count,
            cast(sum(returns.amount) as decimal(18, 2)) as returned_amount
        from {{ ref("int_behaviour__returns") }} as returns
        inner join
            dates
            on returns.returned_date > dates.before_year_date
            and returns.returned_date <= dates.as_of_date
        group by dates.as_of_date, returns.company_id, returns.ledger_side, returns.third_party_id
    ),

    sales_months as (select distinct period_end_date from {{ ref("int_behaviour__sales") }}),

    periods as (
        select dates.as_of_date, sales_months.period_end_date
        from dates
        inner join
            sales_months
            on sales_months.period_end_date > dates.before_year_date
            and sales_months.period_end_date <= dates.as_of_date
    ),

    sales as (
        select
            periods.as_of_date,
            sales.company_id,
            sales.ledger_side,
            sales.third_party_id,
            cast(sum(sales.sales_amount) as decimal(18, 2)) as sales_amount
        from {{ ref("int_behaviour__sales") }} as sales
        inner join periods on sales.period_end_date = periods.period_end_date
        group by periods.as_of_date, sales.company_id, sales.ledger_side, sales.third_party_id
    ),

    third_parties as (
        select as_of_date, company_id, ledger_side, third_party_id
        from paid
        union
        select as_of_date, company_id, ledger_side, third_party_id
        from sales
        union
        select as_of_date, company_id, ledger_side, third_party_id
        from returned
    ),

    -- Who is already past 80 % of the sales without the third party's own is not among the largest.
    weighed as (
        select
            *,
            sum(case when sales_amount > 0 then sales_amount else 0 end) over (
                partition by as_of_date, company_id, ledger_side
            ) as all_sales_amount,
            sum(case when sales_amount > 0 then sales_amount else 0 end) over (
                partition by as_of_date, company_id, ledger_side
                order by sales_amount desc, third_party_id
                rows between unbounded preceding and current row
            )
            - case when sales_amount > 0 then sales_amount else 0 end as larger_sales_amount
        from sales
    ),

    measured as (
        select
            third_parties.as_of_date,
            third_parties.company_id,
            third_parties.ledger_side,
            third_parties.third_party_id,
            coalesce(paid.payment_count, 0) as payment_count,
            coalesce(paid.document_count, 0) as document_count,
            coalesce(paid.paid_amount, 0) as paid_amount,
            {{ mean_of("paid.days_to_pay_sum", "paid.dated_count") }} as average_days_to_pay,
            {{ mean_of("paid.weighted_days_to_pay_sum", "paid.dated_amount") }} as weighted_days_to_pay,
            coalesce(paid.due_count, 0) as due_count,
            {{ mean_of("paid.days_late_sum", "paid.due_count") }} as average_days_late,
            {{ mean_of("paid.weighted_days_late_sum", "paid.due_amount") }} as weighted_days_late,
            {{ portion_of("paid.on_time_count", "paid.due_count") }} as on_time_share,
            {{ portion_of("paid.on_time_amount", "paid.due_amount") }} as weighted_on_time_share,
            cast(
                sqrt(
                    {{
                        mean_of(
                            "(paid.due_count * paid.squared_days_late_sum - paid.days_late_sum * paid.days_late_sum)",
                            "(paid.due_count * paid.due_count)",
                        )
                    }}
                ) as decimal(18, 1)
            ) as spread_days,
            {{ mean_of("paid.recent_weighted_days_late_sum", "paid.recent_due_amount") }}
            - {{
                mean_of(
                    "(paid.weighted_days_late_sum - paid.recent_weighted_days_late_sum)",
                    "(paid.due_amount - paid.recent_due_amount)",
                )
            }} as trend_days,
            paid.last_payment_date,
            last_days.last_payment_amount,
            coalesce(returned.returned_count, 0) as returned_count,
            coalesce(returned.returned_amount, 0) as returned_amount,
            coalesce(weighed.sales_amount, 0) as sales_amount,
            case
                when coalesce(weighed.sales_amount, 0) <= 0
                then 'C'
                when weighed.larger_sales_amount * 100 < weighed.all_sales_amount * 80
                then 'A'
                when weighed.larger_sales_amount * 100 < weighed.all_sales_amount * 95
                then 'B'
                else 'C'
            end as weight_class
        from third_parties
        left join
            paid
            on third_parties.as_of_date = paid.as_of_date
            and third_parties.third_party_id = paid.third_party_id
            and third_parties.ledger_side = paid.ledger_side
        left join
            last_days
            on third_parties.as_of_date = last_days.as_of_date
            and third_parties.third_party_id = last_days.third_party_id
            and third_parties.ledger_side = last_days.ledger_side
        left join
            returned
            on third_parties.as_of_date = returned.as_of_date
            and third_parties.third_party_id = returned.third_party_id
            and third_parties.ledger_side = returned.ledger_side
        left join
            weighed
            on third_parties.as_of_date = weighed.as_of_date
            and third_parties.third_party_id = weighed.third_party_id
            and third_parties.ledger_side = weighed.ledger_side
    ),

    segments as (
        select behaviour_segment, above_days, until_days
        from {{ ref("behaviour_segments") }}
        where behaviour_segment not in ('irregular', 'no_record')
    )

select
    measured.as_of_date,
    measured.company_id,
    measured.ledger_side,
    measured.third_party_id,
    measured.payment_count,
    measured.document_count,
    measured.paid_amount,
    measured.average_days_to_pay,
    measured.weighted_days_to_pay,
    measured.average_days_late,
    measured.weighted_days_late,
    measured.on_time_share,
    measured.weighted_on_time_share,
    measured.spread_days,
    measured.trend_days,
    measured.last_payment_date,
    measured.last_payment_amount,
    measured.returned_count,
    measured.returned_amount,
    measured.sales_amount,
    case
        when measured.due_count < {{ var("least_payments_known") }}
        then 'no_record'
        when
            measured.spread_days > {{ var("most_regular_spread") }}
            and segments.behaviour_segment <> 'very_late'
        then 'irregular'
        else segments.behaviour_segment
    end as behaviour_segment,
    measured.weight_class,
    companies.base_currency
from measured
left join
    segments
    on measured.weighted_days_late > coalesce(segments.above_days, -2147483648)
    and measured.weighted_days_late <= coalesce(segments.until_days, 2147483647)
left join {{ ref("int_companies__known") }} as companies on measured.company_id = companies.company_id
