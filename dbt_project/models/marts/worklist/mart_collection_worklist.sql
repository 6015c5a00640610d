-- Whom to look at today, and why: a customer with a reminder to send, a promise that was broken, a payment
-- that came back, a dispute that nobody has followed up, more open than its limit, or credits to apply.
-- Amount (40), age (30) and risk (30) make its score. Who was spoken to lately is left alone for some days.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    items as (select * from {{ ref("fct_open_items") }} where ledger_side = 'receivable'),

    balances as (
        select
            items.third_party_id,
            items.company_id,
            items.base_currency,
            sum(open_amount) as outstanding_amount,
            sum(case when open_amount > 0 then open_amount else 0 end) as owed_amount,
            sum(case when status = 'overdue' then open_amount else 0 end) as overdue_amount,
            max(case when status = 'overdue' then days_past_due end) as oldest_days_past_due,
            sum(disputed_amount) as disputed_amount,
            - sum(
                case
                    when status = 'unapplied' and item_type <> 'advance' and projected_open_amount < 0
                    then projected_open_amount
                    else 0
                end
            ) as credit_amount,
            sum(
                case when returns.return_item_id is not null and open_amount > 0 then open_amount else 0 end
            ) as returned_amount,
            max(
                case when returns.return_item_id is not null and open_amount > 0 then entry_date end
            ) as returned_on
        from items
        left join {{ ref("int_behaviour__returns") }} as returns on items.item_id = returns.return_item_id
        where items.third_party_id is not null
        group by items.third_party_id, items.company_id, items.base_currency
    ),

    exposures as (select * from {{ ref("fct_credit_exposure") }}),

    promised as (
        select third_party_id, sum(promised_amount) as promised_amount, min(promised_date) as promised_date
        from {{ ref("int_follow_up__promised_items") }}
        group by third_party_id
    ),

    broken as (
        select
            promises.third_party_id,
            sum(promises.amount_at_stake) as broken_amount,
            min(exceptions.since_date) as broken_on
        from {{ ref("int_exceptions__follow_up") }} as exceptions
        inner join
            {{ ref("fct_promises") }} as promises
            on exceptions.object_id = promises.promise_id
            and exceptions.reason_code = 'promise_broken'
        group by promises.third_party_id
    ),

    told as (
        select stg.*
        from {{ ref("stg_decisions__follow_up") }} as stg
        inner join context on stg.decided_on <= context.as_of_date
    ),

    contacts as (
        select third_party_id, max(decided_on) as contacted_on
        from told
        where follow_up_kind = 'contact'
        group by third_party_id
    ),

    comments as (
        select third_party_id, {{ latest_value("remark", "decision_sequence") }} as comment
        from told
        where remark is not null and third_party_id is not null
        group by third_party_id
    ),

    disputes as (
        select
            disputes.third_party_id,
            greatest(
                min(disputes.opened_on), coalesce(max(contacts.contacted_on), min(disputes.opened_on))
            ) as last_spoken_on
        from {{ ref("fct_disputes") }} as disputes
        left join contacts on disputes.third_party_id = contacts.third_party_id
        where disputes.status = 'open'
        group by disputes.third_party_id
    ),

    reminders as (
        select third_party_id, max(last_sent_on) as reminded_on
        from {{ ref("fct_dunning_items") }}
        group by third_party_id
    ),

    to_remind as (
        select
            third_party_id,
            {{ latest_value("level_name", "level") }} as level_name,
            sum(amount) as reminder_amount
        from {{ ref("fct_dunning_actions") }}
        group by third_party_id
    ),

    expected as (
        select third_party_id, sum(expected_amount) as expected_amount
        from {{ ref("fct_collection_forecast") }}
        where week_number <= 13
        group by third_party_id
    ),

    actions as (
        select
            third_party_id,
            'contact' as kind,
            decided_on as day,
            coalesce(remark, outcome, channel) as remark,
            4 as weight
        from told
        where follow_up_kind = 'contact'
        union all
        select third_party_id, 'promise', promised_on, coalesce(remark, document_ref), 3
        from {{ ref("fct_promises") }}
        union all
        select third_party_id, 'dispute', opened_on, coalesce(reason, document_ref), 2
        from {{ ref("fct_disputes") }}
        union all
        select third_party_id, 'dispute_closed', closed_on, coalesce(reason, document_ref), 2
        from {{ ref("fct_disputes") }}
        where closed_on is not null
        union all
        select items.third_party_id, 'reminder', items.last_sent_on, cast(max(items.last_level) as string), 1
        from {{ ref("fct_dunning_items") }} as items
        inner join
            reminders
            on items.third_party_id = reminders.third_party_id
            and items.last_sent_on = reminders.reminded_on
        group by items.third_party_id, items.last_sent_on
    ),

    last_actions as (
        select third_party_id, kind, day, remark
        from
            (
                select
                    *,
                    row_number() over (
                        partition by third_party_id order by day desc, weight desc, remark
                    ) as recency
                from actions
            ) as ranked
        where recency = 1
    ),

    known as (
        select
            context.as_of_date,
            balances.*,
            parties.third_party_code,
            parties.name,
            parties.segment,
            parties.agency,
            parties.sales_rep,
            parties.credit_limit,
            promised.promised_amount,
            promised.promised_date,
            coalesce(broken.broken_amount, 0) as broken_amount,
            broken.broken_on,
            contacts.contacted_on,
            to_remind.level_name,
            coalesce(to_remind.reminder_amount, 0) as reminder_amount,
            coalesce(exposures.headroom_amount < 0, false) as is_over_limit,
            balances.credit_amount > 0 and balances.owed_amount > 0 as has_credit_to_apply,
            {{ plus_days("disputes.last_spoken_on", var("dispute_follow_up_days")) }} as dispute_due_on,
            {{ plus_days("contacts.contacted_on", var("days_between_contacts")) }} as left_alone_until
        from balances
        cross join context
        inner join
            {{ ref("dim_third_parties") }} as parties on balances.third_party_id = parties.third_party_id
        left join exposures on balances.third_party_id = exposures.third_party_id
        left join promised on balances.third_party_id = promised.third_party_id
        left join broken on balances.third_party_id = broken.third_party_id
        left join disputes on balances.third_party_id = disputes.third_party_id
        left join contacts on balances.third_party_id = contacts.third_party_id
        left join to_remind on balances.third_party_id = to_remind.third_party_id
    ),

    chosen as (
        select
            *,
            case
                when broken_amount > 0
                then 'call_about_promise'
                when returned_amount > 0
                then 'call_about_returned_payment'
                when reminder_amount > 0
                then 'remind'
                when dispute_due_on <= as_of_date
                then 'follow_up_dispute'
                when is_over_limit
                then 'review_limit'
                when has_credit_to_apply
                then 'apply_credit'
            end as next_action,
            coalesce(
                sum(overdue_amount) over (
                    partition by company_id
                    order by overdue_amount desc, third_party_id
                    rows between unbounded preceding and 1 preceding
                ),
                0
            ) as larger_amount,
            sum(overdue_amount) over (partition by company_id) as whole_amount
        from known
    ),

    dated as (
        select
            *,
            case
                next_action
                when 'call_about_promise'
                then greatest(broken_on, coalesce(left_alone_until, broken_on))
                when 'call_about_returned_payment'
                then greatest(returned_on, coalesce(left_alone_until, returned_on))
                when 'follow_up_dispute'
                then dispute_due_on
                else as_of_date
            end as next_action_date,
            case
                when overdue_amount <= 0
                then 0
                when larger_amount * 2 < whole_amount
                then 40
                when larger_amount * 10 < whole_amount * 8
                then 25
                when larger_amount * 20 < whole_amount * 19
                then 10
                else 5
            end as amount_score,
            case
                when oldest_days_past_due > 90
                then 30
                when oldest_days_past_due > 60
                then 20
                when oldest_days_past_due > 30
                then 10
                when oldest_days_past_due > 0
                then 5
                else 0
            end as age_score,
            case when broken_amount > 0 then 10 else 0 end
            + case when returned_amount > 0 then 10 else 0 end
            + case when is_over_limit then 10 else 0 end as risk_score
        from chosen
        where next_action is not null
    ),

    scored as (
        select
            *,
            amount_score + age_score + risk_score as priority_score,
            next_action_date <= as_of_date as is_due
        from dated
    )

select
    scored.as_of_date,
    scored.company_id,
    scored.third_party_id,
    scored.third_party_code,
    scored.name,
    scored.segment,
    scored.agency,
    scored.sales_rep,
    cast(
        row_number() over (
            partition by scored.company_id
            order by
                scored.is_due desc,
                scored.priority_score desc,
                scored.overdue_amount desc,
                scored.outstanding_amount desc,
                scored.third_party_id
        ) as integer
    ) as priority_rank,
    cast(scored.priority_score as integer) as priority_score,
    cast(scored.amount_score as integer) as amount_score,
    cast(scored.age_score as integer) as age_score,
    cast(scored.risk_score as integer) as risk_score,
    cast(scored.outstanding_amount as decimal(18, 2)) as outstanding_amount,
    cast(scored.overdue_amount as decimal(18, 2)) as overdue_amount,
    cast(scored.oldest_days_past_due as integer) as oldest_days_past_due,
    cast(scored.reminder_amount as decimal(18, 2)) as reminder_amount,
    cast(scored.broken_amount as decimal(18, 2)) as broken_promise_amount,
    cast(scored.returned_amount as decimal(18, 2)) as returned_amount,
    cast(scored.disputed_amount as decimal(18, 2)) as disputed_amount,
    cast(coalesce(scored.promised_amount, 0) as decimal(18, 2)) as promised_amount,
    scored.promised_date,
    cast(scored.credit_amount as decimal(18, 2)) as credit_amount,
    cast(coalesce(expected.expected_amount, 0) as decimal(18, 2)) as expected_amount,
    scored.credit_limit,
    scored.is_over_limit,
    exposures.headroom_amount,
    exposures.advice,
    last_actions.kind as last_action,
    last_actions.day as last_action_date,
    last_actions.remark as last_action_remark,
    scored.next_action,
    scored.next_action_date,
    scored.is_due,
    case
        scored.next_action
        when 'call_about_promise'
        then 'Appeler : promesse non tenue'
        when 'call_about_returned_payment'
        then 'Appeler : paiement rejeté'
        when 'remind'
        then concat('Relancer : ', scored.level_name)
        when 'follow_up_dispute'
        then 'Faire avancer le litige'
        when 'review_limit'
        then 'Revoir l''encours autorisé'
        else 'Affecter l''avoir ou le règlement'
    end as next_action_fr,
    case
        scored.next_action
        when 'call_about_promise'
        then 'Call: promise not kept'
        when 'call_about_returned_payment'
        then 'Call: payment returned'
        when 'remind'
        then concat('Remind: ', scored.level_name)
        when 'follow_up_dispute'
        then 'Follow up the dispute'
        when 'review_limit'
        then 'Review the credit limit'
        else 'Apply the credit'
    end as next_action_en,
    comments.comment,
    scored.base_currency
from scored
left join last_actions on scored.third_party_id = last_actions.third_party_id
left join comments on scored.third_party_id = comments.third_party_id
left join expected on scored.third_party_id = expected.third_party_id
left join exposures on scored.third_party_id = exposures.third_party_id
