-- What is open of what suppliers are owed, less what is matched, and the working day on which it is
-- expected to be paid: its due date and as many days as the company has paid this supplier late, or
-- early, on average over the last twelve months, where it paid often enough. What should have been paid
-- already is paid in the first week; what is in dispute, or due on a day that nothing tells, later than
-- the plan reaches.
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
            case
                when items.is_disputed
                then 'disputed'
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

    planned as (
        select
            items.*,
            cast(date_trunc('week', {{ plus_days("context.as_of_date", 1) }}) as date) as first_monday_date,
            days.next_working_day as planned_date
        from items
        cross join context
        left join
            {{ source("run", "working_days") }} as days
            on items.basis in ('habit', 'due_date')
            and greatest(items.meant_date, {{ plus_days("context.as_of_date", 1) }}) = days.day
    )

select
    item_id,
    company_id,
    third_party_id,
    due_date,
    amount,
    basis,
    planned_date,
    case
        {% for week in range(1, 14) %}
            when planned_date < {{ plus_days("first_monday_date", 7 * week) }} then {{ week }}
        {% endfor %}
        else 14
    end as week_number
from planned
