-- What is to be done today: one row per customer and message, in the words of the highest level of its
-- items.
with
    members as (select * from {{ ref("fct_dunning_items") }} where state = 'to_do'),

    credits as (
        select third_party_id, max(credit_amount) as credit_amount
        from {{ ref("int_dunning__items_judged") }}
        group by third_party_id
    ),

    penalties as (
        select
            item_id,
            max(document_id) as document_id,
            sum(penalty_amount) as penalty_amount,
            count(case when not is_rate_published then 1 end) as unpublished_count
        from {{ ref("fct_late_penalties") }}
        where item_id in (select item_id from members)
        group by item_id
    ),

    compensations as (
        select document_id, sum(fixed_compensation) as fixed_compensation
        from {{ ref("fct_late_penalties") }}
        where document_id in (select document_id from penalties)
        group by document_id
    ),

    -- A document may be in several actions, and is compensated for in the gravest.
    claims as (
        select
            members.action_id,
            penalties.document_id,
            row_number() over (
                partition by penalties.document_id order by max(members.level) desc, members.action_id
            ) as choice
        from members
        inner join penalties on members.item_id = penalties.item_id
        group by members.action_id, penalties.document_id
    ),

    claimed as (
        select claims.action_id, sum(compensations.fixed_compensation) as fixed_compensation
        from claims
        inner join compensations on claims.document_id = compensations.document_id
        where claims.choice = 1
        group by claims.action_id
    ),

    actions as (
        select
            action_id,
            as_of_date,
            company_id,
            third_party_id,
            max(level) as level,
            {{ latest_value("level_name", "level") }} as level_name,
            channel,
            {{ latest_value("tone", "level") }} as tone,
            language,
            email,
            cast(count(*) as integer) as item_count,
            cast(sum(dunning_amount) as decimal(18, 2)) as amount,
            max(days_past_due) as oldest_days_past_due,
            cast(sum(coalesce(penalties.penalty_amount, 0)) as decimal(18, 2)) as penalty_amount,
            coalesce(sum(penalties.unpublished_count), 0) = 0 as is_rate_published,
            max(last_level) as last_level,
            max(last_sent_on) as last_sent_on,
            base_currency
        from members
        left join penalties on members.item_id = penalties.item_id
        group by action_id, as_of_date, company_id, third_party_id, channel, language, email, base_currency
    )

select
    actions.action_id,
    actions.as_of_date,
    actions.company_id,
    actions.third_party_id,
    actions.level,
    actions.level_name,
    actions.channel,
    case when actions.oldest_days_past_due <= 0 then 'before_due' else actions.tone end as tone,
    actions.language,
    actions.email,
    actions.item_count,
    actions.amount,
    actions.oldest_days_past_due,
    actions.penalty_amount,
    cast(coalesce(claimed.fixed_compensation, 0) as decimal(18, 2)) as fixed_compensation_amount,
    actions.is_rate_published,
    cast(credits.credit_amount as decimal(18, 2)) as credit_amount,
    actions.last_level,
    actions.last_sent_on,
    concat(
        cast(actions.item_count as string),
        case when actions.item_count > 1 then ' documents, ' else ' document, ' end,
        {{ amount_told("actions.amount", "actions.base_currency") }},
        case
            when actions.oldest_days_past_due > 1
            then concat(', jusqu''à ', cast(actions.oldest_days_past_due as string), ' jours de retard')
            when actions.oldest_days_past_due = 1
            then ', un jour de retard'
            else ', bientôt à échéance'
        end,
        case
            when actions.last_sent_on is null
            then ', jamais relancé'
            else concat(', dernière relance le ', cast(actions.last_sent_on as string))
        end,
        '.'
    ) as why_fr,
    concat(
        cast(actions.item_count as string),
        case when actions.item_count > 1 then ' documents, ' else ' document, ' end,
        {{ amount_told("actions.amount", "actions.base_currency") }},
        case
            when actions.oldest_days_past_due > 1
            then concat(', up to ', cast(actions.oldest_days_past_due as string), ' days late')
            when actions.oldest_days_past_due = 1
            then ', one day late'
            else ', soon due'
        end,
        case
            when actions.last_sent_on is null
            then ', never reminded'
            else concat(', last reminder on ', cast(actions.last_sent_on as string))
        end,
        '.'
    ) as why_en,
    actions.base_currency
from actions
left join claimed on actions.action_id = claimed.action_id
left join credits on actions.third_party_id = credits.third_party_id
