-- Every receivable item that is late at the as-of date, and those to be reminded of before they are due, each
-- in one state. What is settled, disputed, promised or excluded is said first; of the rest, the next level
-- is one above the highest sent, on its day, when the one before has had its time, and not on a day off.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    policy as (select * from {{ source("settings", "dunning_policy") }}),

    parties as (
        select
            third_party_id,
            coalesce(trim(segment), '') as segment,
            nullif(trim(email), '') as email,
            lower(substr(trim(language), 1, 2)) as language
        from {{ ref("dim_third_parties") }}
        where kind = 'customer'
    ),

    ranked_levels as (
        select
            segments.segment,
            levels.level,
            levels.name,
            levels.days_past_due,
            levels.channel,
            levels.tone,
            levels.wait_days,
            levels.minimum_amount,
            row_number() over (
                partition by segments.segment, levels.level
                order by case when levels.segment is null then 1 else 0 end
            ) as preference
        from (select distinct segment from parties) as segments
        inner join
            {{ source("settings", "dunning_levels") }} as levels
            on levels.segment is null
            or levels.segment = segments.segment
    ),

    ladder as (
        select
            *,
            coalesce(lag(level) over (partition by segment order by level), -1) as level_before,
            min(days_past_due) over (partition by segment) as first_day,
            coalesce(
                max(case when days_past_due <= 0 then level end) over (partition by segment), -1
            ) as last_level_before_due
        from ranked_levels
        where preference = 1
    ),

    segments as (select distinct segment, first_day, last_level_before_due from ladder),

    excluded as (
        select parties.third_party_id, min(exclusions.reason) as reason
        from parties
        inner join
            {{ source("settings", "dunning_exclusions") }} as exclusions
            on coalesce(exclusions.segment, parties.segment) = parties.segment
            and coalesce(exclusions.third_party_id, parties.third_party_id) = parties.third_party_id
        group by parties.third_party_id
    ),

    receivables as (select * from {{ ref("fct_open_items") }} where ledger_side = 'receivable'),

    advances as (select item_id from {{ ref("int_items__posted") }} where account_role = 'customer_advance'),

    -- A deposit is for what is still to be delivered, and pays no older invoice.
    credits as (
        select receivables.third_party_id, - sum(receivables.projected_open_amount) as credit_amount
        from receivables
        left join advances on receivables.item_id = advances.item_id
        where
            receivables.status = 'unapplied'
            and receivables.projected_open_amount < 0
            and advances.item_id is null
        group by receivables.third_party_id
    ),

    received as (
        select solved.owed_item_id as item_id, max(solved.bank_transaction_id) as bank_transaction_id
        from {{ ref("int_settlements__solved") }} as solved
        inner join context on solved.effective_date <= context.as_of_date
        where solved.status = 'matched'
        group by solved.owed_item_id
    ),

    disputed as (
        select item_id, sum(disputed_amount) as disputed_amount
        from {{ ref("int_follow_up__disputed_items") }}
        group by item_id
    ),

    items as (
        select
            receivables.as_of_date,
            receivables.item_id,
            receivables.company_id,
            receivables.third_party_id,
            receivables.item_type,
            receivables.document_ref,
            receivables.document_date,
            receivables.due_date,
            receivables.days_past_due,
            receivables.status = 'overdue' as is_overdue,
            receivables.open_amount,
            receivables.projected_open_amount,
            receivables.is_doubtful,
            receivables.base_currency,
            least(coalesce(disputed.disputed_amount, 0), receivables.open_amount) as disputed_amount,
            greatest(
                receivables.projected_open_amount - coalesce(disputed.disputed_amount, 0), 0
            ) as dunning_amount,
            promised.promised_date,
            received.bank_transaction_id,
            excluded.reason as exclusion_reason,
            coalesce(credits.credit_amount, 0) as credit_amount,
            reminders.dunning_level as last_level,
            reminders.last_sent_on,
            coalesce(reminders.reminder_count, 0) as reminder_count,
            parties.segment,
            parties.email,
            parties.language,
            -- Before the due date was before: what is late begins with the first level for it.
            greatest(
                coalesce(reminders.dunning_level, -1),
                case when receivables.status = 'overdue' then segments.last_level_before_due else -1 end
            ) as level_reached
        from receivables
        left join parties on receivables.third_party_id = parties.third_party_id
        left join segments on parties.segment = segments.segment
        left join disputed on receivables.item_id = disputed.item_id
        left join
            {{ ref("int_follow_up__promised_items") }} as promised on receivables.item_id = promised.item_id
        left join received on receivables.item_id = received.item_id
        left join excluded on receivables.third_party_id = excluded.third_party_id
        left join credits on receivables.third_party_id = credits.third_party_id
        left join {{ ref("int_dunning__reminders") }} as reminders on receivables.item_id = reminders.item_id
        where
            receivables.status = 'overdue'
            or (receivables.status = 'not_due' and receivables.days_past_due >= segments.first_day)
    ),

    levelled as (
        select
            items.*,
            next_levels.level,
            next_levels.name as level_name,
            next_levels.tone,
            next_levels.minimum_amount,
            case
                when next_levels.channel = 'email' and items.email is null
                then 'letter'
                else next_levels.channel
            end as channel,
            {{ plus_days("items.due_date", "next_levels.days_past_due") }} as level_date,
            {{ plus_days("items.last_sent_on", "coalesce(last_levels.wait_days, next_levels.wait_days)") }}
            as patience_date,
            case
                when items.third_party_id is null
                then 'no_third_party'
                when items.is_doubtful
                then 'doubtful'
                when items.exclusion_reason is not null
                then 'policy'
                when items.projected_open_amount <= 0 and items.bank_transaction_id is not null
                then 'receipt_not_booked'
                when items.projected_open_amount <= 0
                then 'payment_not_lettered'
                when items.dunning_amount <= 0
                then 'disputed'
                when items.promised_date is not null
                then 'promised'
                when next_levels.level is null and items.last_level is not null
                then 'last_level_sent'
                when next_levels.level is null
                then 'no_level'
            end as held_by
        from items
        left join
            ladder as next_levels
            on items.segment = next_levels.segment
            and items.level_reached < next_levels.level
            and items.level_reached >= next_levels.level_before
        left join
            ladder as last_levels
            on items.segment = last_levels.segment
            and items.last_level = last_levels.level
    ),

    asked as (
        select
            *,
            greatest(level_date, coalesce(patience_date, level_date)) as ready_date,
            sum(case when held_by is null then dunning_amount else 0 end) over (
                partition by third_party_id
            ) as customer_amount
        from levelled
    ),

    held as (
        select
            asked.*,
            case
                when asked.held_by is not null
                then asked.held_by
                when asked.credit_amount >= asked.customer_amount
                then 'covered_by_credit'
                when asked.customer_amount < asked.minimum_amount
                then 'below_minimum'
            end as hold,
            case
                when policy.working_days_only
                then coalesce(calendar.next_working_day, asked.ready_date)
                else greatest(asked.ready_date, asked.as_of_date)
            end as action_date,
            case when asked.language in ('fr', 'en') then asked.language else policy.language end as spoken
        from asked
        cross join policy
        left join
            {{ source("run", "working_days") }} as calendar
            on greatest(asked.ready_date, asked.as_of_date) = calendar.day
    ),

    judged as (
        select
            *,
            case
                when hold in ('disputed', 'promised')
                then hold
                when hold is not null
                then 'excluded'
                when action_date > as_of_date
                then 'waiting'
                else 'to_do'
            end as state
        from held
    )

select
    as_of_date,
    item_id,
    company_id,
    third_party_id,
    item_type,
    document_ref,
    document_date,
    due_date,
    days_past_due,
    is_overdue,
    open_amount,
    projected_open_amount,
    disputed_amount,
    case when state in ('to_do', 'waiting') then dunning_amount else 0 end as dunning_amount,
    state,
    case
        when hold is not null
        then hold
        when state = 'to_do'
        then 'due_today'
        when ready_date <= as_of_date
        then 'not_a_working_day'
        when ready_date > level_date
        then 'reminded_recently'
        else 'level_not_reached'
    end as reason,
    case when hold = 'policy' then exclusion_reason end as exclusion_reason,
    case state when 'waiting' then action_date when 'promised' then promised_date end as waiting_until_date,
    case when state in ('to_do', 'waiting') then level end as level,
    case when state in ('to_do', 'waiting') then level_name end as level_name,
    case when state in ('to_do', 'waiting') then channel end as channel,
    case when state in ('to_do', 'waiting') then tone end as tone,
    last_level,
    last_sent_on,
    reminder_count,
    credit_amount,
    email,
    spoken as language,
    base_currency
from judged
