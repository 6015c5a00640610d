-- Every receivable item that is late, and those to be reminded of before they are due: what is to be done
-- about each today, and why. What is done today is part of an action.
with
    judged as (select * from {{ ref("int_dunning__items_judged") }}),

    policy as (select * from {{ source("settings", "dunning_policy") }}),

    grouped as (
        select
            judged.*,
            -- An item is sent each level once: the first item of a message and its level name no other.
            case
                when judged.state = 'to_do'
                then
                    min(concat(judged.item_id, ' ', cast(judged.level as string))) over (
                        partition by
                            judged.state,
                            judged.third_party_id,
                            judged.channel,
                            case when judged.tone = 'formal' then 1 else 0 end,
                            case when policy.grouping = 'level' then judged.level end
                    )
            end as first_member
        from judged
        cross join policy
    ),

    told as (
        select
            *,
            case
                when days_past_due > 1
                then concat('En retard de ', cast(days_past_due as string), ' jours')
                when days_past_due = 1
                then 'En retard d''un jour'
                else concat('À échéance du ', cast(due_date as string))
            end as lateness_fr,
            case
                when days_past_due > 1
                then concat(cast(days_past_due as string), ' days late')
                when days_past_due = 1
                then 'One day late'
                else concat('Due on ', cast(due_date as string))
            end as lateness_en,
            case
                when reminder_count = 0
                then 'jamais relancé'
                when last_level is null
                then concat('relancé le ', cast(last_sent_on as string))
                else
                    concat(
                        'relancé le ',
                        cast(last_sent_on as string),
                        ' (niveau ',
                        cast(last_level as string),
                        ')'
                    )
            end as reminded_fr,
            case
                when reminder_count = 0
                then 'never reminded'
                when last_level is null
                then concat('reminded on ', cast(last_sent_on as string))
                else
                    concat(
                        'reminded on ',
                        cast(last_sent_on as string),
                        ' (level ',
                        cast(last_level as string),
                        ')'
                    )
            end as reminded_en
        from grouped
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
    cast(disputed_amount as decimal(18, 2)) as disputed_amount,
    cast(dunning_amount as decimal(18, 2)) as dunning_amount,
    state,
    reason,
    exclusion_reason,
    waiting_until_date,
    case
        when first_member is not null then {{ stable_id(["company_id", "third_party_id", "first_member"]) }}
    end as action_id,
    level,
    level_name,
    channel,
    tone,
    language,
    email,
    last_level,
    last_sent_on,
    reminder_count,
    concat(
        lateness_fr,
        ', ',
        reminded_fr,
        case
            reason
            when 'due_today'
            then concat(' : ', level_name, ' à faire.')
            when 'not_a_working_day'
            then
                concat(
                    ' : ', level_name, ' le ', cast(waiting_until_date as string), ', prochain jour ouvré.'
                )
            when 'reminded_recently'
            then
                concat(
                    ' : ',
                    level_name,
                    ' à partir du ',
                    cast(waiting_until_date as string),
                    ', pour laisser le temps de payer.'
                )
            when 'level_not_reached'
            then concat(' : ', level_name, ' à partir du ', cast(waiting_until_date as string), '.')
            when 'disputed'
            then ' : en litige, ne pas relancer.'
            when 'promised'
            then concat(' : paiement promis pour le ', cast(waiting_until_date as string), '.')
            when 'doubtful'
            then ' : créance douteuse, suivie au contentieux.'
            when 'policy'
            then concat(' : exclu des relances : ', exclusion_reason, '.')
            when 'receipt_not_booked'
            then ' : payé selon la banque, à comptabiliser.'
            when 'payment_not_lettered'
            then ' : payé dans les comptes, à lettrer.'
            when 'covered_by_credit'
            then ' : couvert par les avoirs et paiements à affecter du client.'
            when 'below_minimum'
            then concat(' : sous le minimum de ce niveau de relance.')
            when 'last_level_sent'
            then ' : tous les niveaux ont été envoyés, à confier au contentieux.'
            when 'no_level'
            then ' : aucun niveau de relance prévu pour ce client.'
            else ' : tiers inconnu.'
        end
    ) as why_fr,
    concat(
        lateness_en,
        ', ',
        reminded_en,
        case
            reason
            when 'due_today'
            then concat(': ', level_name, ' today.')
            when 'not_a_working_day'
            then
                concat(
                    ': ', level_name, ' on ', cast(waiting_until_date as string), ', the next working day.'
                )
            when 'reminded_recently'
            then
                concat(
                    ': ',
                    level_name,
                    ' not before ',
                    cast(waiting_until_date as string),
                    ', to leave time to pay.'
                )
            when 'level_not_reached'
            then concat(': ', level_name, ' not before ', cast(waiting_until_date as string), '.')
            when 'disputed'
            then ': disputed, not to be reminded of.'
            when 'promised'
            then concat(': payment promised for ', cast(waiting_until_date as string), '.')
            when 'doubtful'
            then ': doubtful, a matter of litigation.'
            when 'policy'
            then concat(': not to be reminded: ', exclusion_reason, '.')
            when 'receipt_not_booked'
            then ': paid according to the bank, to be booked.'
            when 'payment_not_lettered'
            then ': paid in the books, to be lettered.'
            when 'covered_by_credit'
            then ': covered by credits of the customer that wait to be applied.'
            when 'below_minimum'
            then ': less than the minimum of this level is to be asked.'
            when 'last_level_sent'
            then ': every level was sent, a matter of litigation.'
            when 'no_level'
            then ': no level holds for this customer.'
            else ': unknown third party.'
        end
    ) as why_en,
    base_currency
from told
