-- What was paid in the twelve months up to each date, by third party, as sums from which averages and
-- spreads are made. A payment counts from the day it is effective until the day it comes back. What is only
-- matched is known of the run's own date alone: of a month-end before it, the books have the last word.
with
    dates as (
        select
            as_of_date,
            is_own_date,
            {{ before_months("as_of_date", 12) }} as before_year_date,
            {{ before_months("as_of_date", 3) }} as before_quarter_date
        from {{ ref("int_ageing__dates") }}
    ),

    payments as (
        select
            *,
            -- Worked out once for each payment, and not once for each date that counts it.
            amount * days_to_pay as weighted_days_to_pay,
            amount * days_late as weighted_days_late,
            cast(days_late as bigint) * days_late as squared_days_late,
            case when days_to_pay is not null then amount end as dated_amount,
            case when days_late is not null then amount end as due_amount,
            case when days_late <= 0 then amount end as on_time_amount,
            last_day(effective_date) as month_end_date,
            count(*) over (partition by owed_item_id) > 1 as is_paid_in_parts
        from {{ ref("int_behaviour__payments") }}
    ),

    months as (select distinct month_end_date from payments),

    -- A month of a payment with each date whose twelve months hold it: joined on equal months.
    periods as (
        select dates.*, months.month_end_date
        from dates
        inner join
            months
            on months.month_end_date > dates.before_year_date
            and months.month_end_date <= last_day(dates.as_of_date)
    ),

    counted as (
        select
            periods.as_of_date,
            payments.*,
            case
                when payments.effective_date > periods.before_quarter_date then payments.due_amount
            end as recent_due_amount,
            case
                when payments.effective_date > periods.before_quarter_date then payments.weighted_days_late
            end as recent_weighted_days_late
        from payments
        inner join periods on payments.month_end_date = periods.month_end_date
        where
            payments.effective_date <= periods.as_of_date
            and (payments.status = 'booked' or periods.is_own_date)
            and (payments.returned_date is null or payments.returned_date > periods.as_of_date)
    )

select
    as_of_date,
    company_id,
    ledger_side,
    third_party_id,
    count(*) as payment_count,
    count(case when not is_paid_in_parts then 1 end)
    + count(distinct owed_item_id) filter (where is_paid_in_parts) as document_count,
    cast(sum(amount) as decimal(18, 2)) as paid_amount,
    count(days_to_pay) as dated_count,
    coalesce(sum(days_to_pay), 0) as days_to_pay_sum,
    cast(coalesce(sum(dated_amount), 0) as decimal(18, 2)) as dated_amount,
    cast(coalesce(sum(weighted_days_to_pay), 0) as decimal(38, 2)) as weighted_days_to_pay_sum,
    count(days_late) as due_count,
    coalesce(sum(days_late), 0) as days_late_sum,
    coalesce(sum(squared_days_late), 0) as squared_days_late_sum,
    cast(coalesce(sum(due_amount), 0) as decimal(18, 2)) as due_amount,
    cast(coalesce(sum(weighted_days_late), 0) as decimal(38, 2)) as weighted_days_late_sum,
    cast(coalesce(sum(recent_due_amount), 0) as decimal(18, 2)) as recent_due_amount,
    cast(coalesce(sum(recent_weighted_days_late), 0) as decimal(38, 2)) as recent_weighted_days_late_sum,
    count(on_time_amount) as on_time_count,
    cast(coalesce(sum(on_time_amount), 0) as decimal(18, 2)) as on_time_amount,
    max(effective_date) as last_payment_date
from counted
group by as_of_date, company_id, ledger_side, third_party_id
