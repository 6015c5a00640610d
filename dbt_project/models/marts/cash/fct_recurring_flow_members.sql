-- The bank lines behind each recurring flow. Lines of one party, account and direction are one series. A
-- series of nearly every week is weekly. Otherwise its days of the month are sought: a day (of the month,
-- or before its end) weighs by how near the lines of each month come to it, once a day that is not worked
-- is put off; of days less than five apart the heaviest is kept, and takes the lines at most three days
-- from it. What so comes every month, every third or every twelfth is a flow.
with
    lines as (
        select
            *,
            {{ stable_id(["company_id", "bank_account_id", "currency_code", "direction", "flow_key"]) }}
            as series_id
        from {{ ref("int_cash__bank_lines") }}
        where line_class = 'other'
    ),

    days as (
        select
            series_id,
            booking_date,
            cast(date_trunc('week', booking_date) as date) as monday_date,
            {{ days_between("cast(date_trunc('week', booking_date) as date)", "booking_date") }}
            + 1 as weekday,
            sum(amount) as amount
        from lines
        group by series_id, booking_date
    ),

    series as (
        select
            series_id,
            count(*) as day_count,
            count(distinct monday_date) >= 8
            and count(distinct monday_date) * 35
            >= 4 * ({{ days_between("min(monday_date)", "max(monday_date)") }} + 7) as is_weekly
        from days
        group by series_id
    ),

    -- A line and the days that it may have been meant for.
    meant as (
        select
            days.series_id,
            days.booking_date,
            days.amount,
            working_days.day as meant_date,
            extract(year from working_days.day) * 12 + extract(month from working_days.day) as month_number,
            4 - least(
                3, abs({{ days_between("working_days.next_working_day", "days.booking_date") }})
            ) as weight
        from days
        inner join
            series on days.series_id = series.series_id and not series.is_weekly and series.day_count > 1
        cross join
            (
                {% for shift in range(-3, 4) %}
                    select {{ shift }} as shift_days {{ "union all" if not loop.last }}
                {% endfor %}
            ) as shifts
        inner join
            {{ source("run", "working_days") }} as working_days
            on {{ plus_days("days.booking_date", "shifts.shift_days") }} = working_days.day
    ),

    -- 1 to 28: days of the month; -1 to -4: its last days. `place` lays both on a ring of 31.
    candidates as (
        select
            *, cast(extract(day from meant_date) as integer) as anchor, extract(day from meant_date) as place
        from meant
        where extract(day from meant_date) <= 28
        union all
        select
            *,
            - {{ days_between("meant_date", "last_day(meant_date)") }} - 1 as anchor,
            31 - {{ days_between("meant_date", "last_day(meant_date)") }} as place
        from meant
        where {{ days_between("meant_date", "last_day(meant_date)") }} <= 3
    ),

    supported as (
        select series_id, anchor, place, month_number, max(weight) as weight
        from candidates
        group by series_id, anchor, place, month_number
    ),

    anchors as (
        select
            series_id,
            anchor,
            place,
            sum(weight) as weight,
            row_number() over (
                partition by series_id order by sum(weight) desc, sign(anchor) desc, anchor
            ) as preference
        from supported
        group by series_id, anchor, place
    ),

    outdone as (
        select distinct anchors.series_id, anchors.anchor
        from anchors
        inner join
            anchors as better
            on anchors.series_id = better.series_id
            and better.preference < anchors.preference
            and least(abs(anchors.place - better.place), 31 - abs(anchors.place - better.place)) <= 4
    ),

    assigned as (
        select
            candidates.series_id,
            candidates.anchor,
            candidates.booking_date,
            candidates.amount,
            candidates.meant_date,
            candidates.month_number,
            row_number() over (
                partition by candidates.series_id, candidates.booking_date
                order by anchors.preference, candidates.weight desc, candidates.meant_date
            ) as choice
        from candidates
        inner join anchors on candidates.series_id = anchors.series_id and candidates.anchor = anchors.anchor
        left join outdone on candidates.series_id = outdone.series_id and candidates.anchor = outdone.anchor
        where outdone.anchor is null
    ),

    occurrences as (
        select
            series_id,
            anchor,
            month_number,
            abs(sum(amount)) as amount,
            count(*) as day_count,
            month_number
            - lag(month_number) over (partition by series_id, anchor order by month_number) as months_since
        from assigned
        where choice = 1
        group by series_id, anchor, month_number
    ),

    rhythms as (
        select
            series_id,
            anchor,
            sum(day_count) as day_count,
            case
                when
                    count(*) >= 3
                    and 4 * sum(case when months_since = 1 then 1 else 0 end) >= 3 * (count(*) - 1)
                then 'monthly'
                when
                    count(*) >= 3
                    and 4 * sum(case when months_since = 3 then 1 else 0 end) >= 3 * (count(*) - 1)
                then 'quarterly'
                when
                    count(*) >= 2
                    and sum(case when months_since = 12 then 1 else 0 end) = count(*) - 1
                    and 5 * min(amount) >= 4 * max(amount)
                then 'yearly'
            end as rhythm
        from occurrences
        group by series_id, anchor
    ),

    -- Two days in three of a series follow a rhythm, or it has none.
    flows as (
        select
            found.series_id,
            found.anchor,
            found.rhythm,
            row_number() over (partition by found.series_id order by found.anchor) as flow_number
        from rhythms as found
        inner join series on found.series_id = series.series_id
        inner join
            (
                select series_id, sum(day_count) as day_count
                from rhythms
                where rhythm is not null
                group by series_id
            ) as explained
            on found.series_id = explained.series_id
            and 3 * explained.day_count >= 2 * series.day_count
        where found.rhythm is not null
    ),

    placed as (
        select
            flows.series_id,
            case
                when flows.flow_number = 1
                then flows.series_id
                else concat(flows.series_id, '-', cast(flows.flow_number as string))
            end as recurring_flow_id,
            flows.rhythm,
            cast(flows.anchor as integer) as usual_day,
            assigned.booking_date,
            assigned.meant_date as occurrence_date
        from assigned
        inner join flows on assigned.series_id = flows.series_id and assigned.anchor = flows.anchor
        where assigned.choice = 1

        union all

        select
            days.series_id,
            days.series_id as recurring_flow_id,
            'weekly' as rhythm,
            cast(
                first_value(days.weekday) over (
                    partition by days.series_id
                    order by days.weekday_count desc, days.weekday
                    rows between unbounded preceding and unbounded following
                ) as integer
            ) as usual_day,
            days.booking_date,
            days.monday_date as occurrence_date
        from (select *, count(*) over (partition by series_id, weekday) as weekday_count from days) as days
        inner join series on days.series_id = series.series_id and series.is_weekly
    )

select
    placed.recurring_flow_id,
    lines.bank_transaction_id,
    lines.company_id,
    lines.bank_account_id,
    placed.rhythm,
    placed.usual_day,
    placed.occurrence_date,
    lines.booking_date,
    cast(lines.amount as decimal(18, 2)) as amount,
    lines.currency_code
from placed
inner join lines on placed.series_id = lines.series_id and placed.booking_date = lines.booking_date
