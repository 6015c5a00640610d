-- What comes again and again on a bank account, and when it is expected next. An occurrence whose last
-- day of grace the bank has told of without it is missed; after two in a row a flow is expected no more.
{% set grace_days = 3 %}
with
    context as (select as_of_date from {{ source("run", "context") }}),

    told as (
        select accounts.bank_account_id, max(statements.to_date) as to_date
        from {{ ref("int_bank__statements_listed") }} as statements
        inner join context on statements.from_date <= context.as_of_date
        inner join
            {{ ref("int_bank__accounts") }} as accounts
            on statements.company_id = accounts.company_id
            and statements.account_number = accounts.account_number
        group by accounts.bank_account_id
    ),

    members as (
        select
            members.*,
            least(
                greatest(told.to_date, max(members.booking_date) over (partition by members.bank_account_id)),
                context.as_of_date
            ) as known_until_date
        from {{ ref("fct_recurring_flow_members") }} as members
        cross join context
        left join told on members.bank_account_id = told.bank_account_id
    ),

    occurrences as (
        select
            recurring_flow_id,
            rhythm,
            occurrence_date,
            max(known_until_date) as known_until_date,
            min(booking_date) as first_booking_date,
            max(booking_date) as last_booking_date,
            count(*) as line_count,
            cast(sum(amount) as decimal(18, 2)) as amount,
            -- A week that the bank has not told to its end says little of what a week brings.
            row_number() over (
                partition by recurring_flow_id
                order by
                    case
                        when
                            rhythm = 'weekly'
                            and {{ plus_days("occurrence_date", 6) }} > max(known_until_date)
                        then 1
                        else 0
                    end,
                    occurrence_date desc
            ) as recency
        from members
        group by recurring_flow_id, rhythm, occurrence_date
    ),

    medians as (
        select recurring_flow_id, percentile_disc(0.5) within group (order by amount) as typical_amount
        from occurrences
        where recency <= 12
        group by recurring_flow_id
    ),

    spreads as (
        select
            occurrences.recurring_flow_id,
            percentile_disc(0.5) within group (
                order by abs(occurrences.amount - medians.typical_amount)
            ) as spread_amount
        from occurrences
        inner join medians on occurrences.recurring_flow_id = medians.recurring_flow_id
        where occurrences.recency <= 12
        group by occurrences.recurring_flow_id
    ),

    histories as (
        select
            recurring_flow_id,
            count(*) as occurrence_count,
            sum(line_count) as bank_transaction_count,
            min(first_booking_date) as first_date,
            max(last_booking_date) as last_date,
            max(known_until_date) as known_until_date,
            min(occurrence_date) as first_occurrence_date,
            max(occurrence_date) as last_occurrence_date
        from occurrences
        group by recurring_flow_id
    ),

    last_lines as (
        select
            recurring_flow_id,
            {{
                latest_value(
                    "bank_transaction_id", "concat(cast(booking_date as string), bank_transaction_id)"
                )
            }} as last_bank_transaction_id,
            max(rhythm) as rhythm,
            max(usual_day) as usual_day
        from members
        group by recurring_flow_id
    ),

    flows as (
        select
            histories.*,
            last_lines.last_bank_transaction_id,
            last_lines.rhythm,
            last_lines.usual_day,
            -- Counted in months, weeks in days.
            case
                last_lines.rhythm when 'weekly' then 7 when 'quarterly' then 3 when 'yearly' then 12 else 1
            end as step,
            case
                when last_lines.rhythm = 'weekly'
                then {{ days_between("date '2000-01-03'", "histories.first_occurrence_date") }}
                else
                    extract(year from histories.first_occurrence_date) * 12
                    + extract(month from histories.first_occurrence_date)
            end as first_step,
            case
                when last_lines.rhythm = 'weekly'
                then {{ days_between("date '2000-01-03'", "histories.last_occurrence_date") }}
                else
                    extract(year from histories.last_occurrence_date) * 12
                    + extract(month from histories.last_occurrence_date)
            end as last_step
        from histories
        inner join last_lines on histories.recurring_flow_id = last_lines.recurring_flow_id
    ),

    calendar as (
        select
            calendar.day,
            days.next_working_day,
            extract(year from calendar.day) * 12 + extract(month from calendar.day) as month_number,
            extract(day from calendar.day) as day_number,
            {{ days_between("calendar.day", "last_day(calendar.day)") }} as days_before_end,
            {{ days_between("cast(date_trunc('week', calendar.day) as date)", "calendar.day") }}
            + 1 as weekday,
            cast(date_trunc('week', calendar.day) as date) as monday_date
        from
            {{
                days_from(
                    "(select " ~ plus_months("as_of_date", -25) ~ " from context)",
                    "(select " ~ plus_months("as_of_date", 26) ~ " from context)",
                )
            }} as calendar
        inner join {{ source("run", "working_days") }} as days on calendar.day = days.day
    ),

    -- The days after its last occurrence on which a flow was, or is, to come.
    due_days as (
        select
            flows.recurring_flow_id,
            case
                when flows.rhythm = 'weekly' then calendar.day else calendar.next_working_day
            end as due_date,
            case
                when flows.rhythm = 'weekly'
                then {{ plus_days("calendar.monday_date", 6) }}
                else {{ plus_days("calendar.next_working_day", grace_days) }}
            end
            <= flows.known_until_date as is_missed
        from flows
        inner join
            calendar
            on case
                when flows.rhythm = 'weekly'
                then calendar.monday_date > flows.last_occurrence_date and calendar.weekday = flows.usual_day
                else
                    calendar.month_number > flows.last_step
                    and mod(calendar.month_number - flows.last_step, flows.step) = 0
                    and (
                        calendar.day_number = flows.usual_day
                        or calendar.days_before_end = - flows.usual_day - 1
                    )
            end
    ),

    expectations as (
        select
            recurring_flow_id,
            sum(case when is_missed then 1 else 0 end) as missed_count,
            min(case when not is_missed then due_date end) as next_expected_date
        from due_days
        group by recurring_flow_id
    ),

    told_lines as (
        select
            members.recurring_flow_id,
            lines.bank_transaction_id,
            lines.company_id,
            lines.bank_account_id,
            lines.currency_code,
            lines.direction,
            lines.flow_key,
            lines.transaction_kind,
            lines.ledger_label,
            transactions.remittance_text,
            transactions.counterparty_name
        from members
        inner join
            {{ ref("int_cash__bank_lines") }} as lines
            on members.bank_transaction_id = lines.bank_transaction_id
        inner join
            {{ ref("fct_bank_transactions") }} as transactions
            on members.bank_transaction_id = transactions.bank_transaction_id
    ),

    -- No word that tells a category holds a digit: texts that differ by digits are read once.
    texts as (
        select recurring_flow_id, text, line_count, concat(' ', {{ plain_text("text") }}, ' ') as words_text
        from
            (
                select recurring_flow_id, text, count(*) as line_count
                from
                    (
                        select
                            recurring_flow_id,
                            {{
                                replace_all(
                                    "concat_ws(' ', counterparty_name, remittance_text, ledger_label)",
                                    "'[0-9]+'",
                                    "'0'",
                                )
                            }} as text
                        from told_lines
                    ) as line_texts
                group by recurring_flow_id, text
            ) as counted_texts
    ),

    -- What most lines of a flow are by their words: those of a line that stand first in the list.
    worded as (
        select
            texts.recurring_flow_id,
            texts.text,
            max(texts.line_count) as line_count,
            {{ latest_value("categories.category", "- categories.category_order") }} as category
        from texts
        inner join
            {{ ref("recurring_flow_categories") }} as categories
            on texts.words_text like concat('% ', categories.words, ' %')
        group by texts.recurring_flow_id, texts.text
    ),

    categories as (
        select
            recurring_flow_id,
            category,
            row_number() over (
                partition by recurring_flow_id order by sum(line_count) desc, category
            ) as preference
        from worded
        group by recurring_flow_id, category
    )

select
    flows.recurring_flow_id,
    context.as_of_date,
    last_told.company_id,
    last_told.bank_account_id,
    last_told.direction,
    last_told.flow_key,
    coalesce(last_told.counterparty_name, last_told.remittance_text) as label,
    case
        when last_told.transaction_kind = 'loan'
        then 'loan'
        when categories.category is not null
        then categories.category
        when last_told.transaction_kind = 'fee'
        then 'fees'
        when last_told.transaction_kind = 'interest'
        then 'interest'
        when last_told.transaction_kind = 'card' and last_told.direction = 'in'
        then 'takings'
        else 'other'
    end as category,
    flows.rhythm,
    flows.usual_day,
    cast(medians.typical_amount as decimal(18, 2)) as typical_amount,
    cast(spreads.spread_amount as decimal(18, 2)) as spread_amount,
    cast(flows.occurrence_count as integer) as occurrence_count,
    cast(flows.bank_transaction_count as integer) as bank_transaction_count,
    flows.first_date,
    flows.last_date,
    flows.last_occurrence_date,
    flows.last_bank_transaction_id,
    flows.known_until_date,
    cast(coalesce(expectations.missed_count, 0) as integer) as missed_count,
    {{
        portion_of(
            "(flows.occurrence_count * flows.step)",
            "(flows.last_step - flows.first_step + (coalesce(expectations.missed_count, 0) + 2) * flows.step)",
        )
    }}
    as confidence,
    coalesce(expectations.missed_count, 0) < 2 as is_expected,
    case
        when coalesce(expectations.missed_count, 0) < 2 then expectations.next_expected_date
    end as next_expected_date,
    last_told.currency_code
from flows
cross join context
inner join told_lines as last_told on flows.last_bank_transaction_id = last_told.bank_transaction_id
inner join medians on flows.recurring_flow_id = medians.recurring_flow_id
inner join spreads on flows.recurring_flow_id = spreads.recurring_flow_id
left join expectations on flows.recurring_flow_id = expectations.recurring_flow_id
left join categories on flows.recurring_flow_id = categories.recurring_flow_id and categories.preference = 1
