-- What is open of what suppliers are owed, less what is matched, and the working day on which it is
-- expected to be paid: its due date and as many days as the company has paid this supplier late, or
-- early, on average over the last twelve months, where it paid often enough. What should have been paid
-- already is paid in the first week; what is in dispute, or due on a day that nothing tells, later than
-- the plan reaches. What a supplier owes (credit notes, payments that wait) is taken off what it is owed,
-- the oldest first and what is in dispute last: so a payment that came back is paid once, and the payment
-- itself, both still open, pays nothing.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    habits as (
        select behaviour.company_id, behaviour.third_party_id, behaviour.weighted_days_late
        from {{ ref("fct_payment_behaviour") }} as behaviour
        inner join context on behaviour.as_of_date = context.as_of_date
        where
            behaviour.ledger_side = 'payable' and behaviour.payment_count >= {{ var("least_payments_known") }}
    ),

    items as (
        select
            items.item_id,
            items.company_id,
            items.third_party_id,
            items.due_date,
            items.projected_open_amount as amount,
            least(coalesce(items.disputed_amount, 0), items.projected_open_amount) as disputed_amount,
            case
                when items.due_date is null or items.status = 'undated'
                then 'undated'
                when habits.weighted_days_late is not null
                then 'habit'
                else 'due_date'
            end as basis,
            {{ plus_days("items.due_date", "round(coalesce(habits.weighted_days_late, 0))") }} as meant_date
        from {{ ref("fct_open_items") }} as items
        left join
            habits on items.company_id = habits.company_id and items.third_party_id = habits.third_party_id
        where
            items.ledger_side = 'payable'
            and items.status in ('overdue', 'not_due', 'undated')
            and items.projected_open_amount > 0
    ),

    credits as (
        select company_id, third_party_id, - sum(projected_open_amount) as amount
        from {{ ref("fct_open_items") }}
        where ledger_side = 'payable' and projected_open_amount < 0
        group by company_id, third_party_id
    ),

    parts as (
        select
            item_id,
            company_id,
            third_party_id,
            due_date,
            amount - disputed_amount as amount,
            basis,
            meant_date,
            0 as is_last
        from items
        where amount > disputed_amount
        union all
        select
            item_id,
            company_id,
            third_party_id,
            due_date,
            disputed_amount as amount,
            'disputed' as basis,
            meant_date,
            1 as is_last
        from items
        where disputed_amount > 0
    ),

    owed as (
        select
            parts.item_id,
            parts.company_id,
            parts.third_party_id,
            parts.due_date,
            parts.basis,
            parts.meant_date,
            least(
                parts.amount,
                sum(parts.amount) over (
                    partition by parts.company_id, parts.third_party_id
                    order by parts.is_last, coalesce(parts.due_date, date '9999-12-31'), parts.item_id
                    rows between unbounded preceding and current row
                )
                - coalesce(credits.amount, 0)
            ) as amount
        from parts
        left join
            credits on parts.company_id = credits.company_id and parts.third_party_id = credits.third_party_id
    ),

    planned as (
        select
            owed.*,
            cast(date_trunc('week', {{ plus_days("context.as_of_date", 1) }}) as date) as first_monday_date,
            days.next_working_day as planned_date
        from owed
        cross join context
        left join
            {{ source("run", "working_days") }} as days
            on owed.basis in ('habit', 'due_date')
            and greatest(owed.meant_date, {{ plus_days("context.as_of_date", 1) }}) = days.day
        where owed.amount > 0
    )

select
    item_id,
    company_id,
    third_party_id,
    due_date,
    cast(amount as decimal(18, 2)) as amount,
    basis,
    planned_date,
    case
        {% for week in range(1, 14) %}
            when planned_date < {{ plus_days("first_monday_date", 7 * week) }} then {{ week }}
        {% endfor %}
        else 14
    end as week_number
from planned
