-- Promises whose day has passed unpaid, until they are paid or promised anew, and what was told of documents
-- or third parties that the books do not know.
with
    broken as (
        select
            promises.*,
            parties.name,
            {{ amount_told("promises.promised_amount", "promises.base_currency") }} as promised_text,
            {{ amount_told("promises.kept_amount", "promises.base_currency") }} as kept_text,
            {{ amount_told("promises.amount_at_stake", "promises.base_currency") }} as left_text
        from {{ ref("fct_promises") }} as promises
        left join
            {{ ref("int_third_parties__listed") }} as parties
            on promises.third_party_id = parties.third_party_id
        where
            promises.status in ('broken', 'partly_kept')
            and promises.amount_at_stake > 0
            and not exists (
                select 1
                from {{ ref("int_follow_up__promises") }} as items
                inner join {{ ref("int_follow_up__promised_items") }} as anew on items.item_id = anew.item_id
                where items.promise_id = promises.promise_id and anew.promised_on > promises.promised_on
            )
    ),

    not_found as (
        select
            *,
            concat_ws(
                ' ', document_ref, case when named_party is not null then concat('(', named_party, ')') end
            ) as subject,
            cast(told_on as string) as day_text
        from {{ ref("int_follow_up__facts") }}
        where not is_found
    ),

    raised as (
        select
            'promise_broken' as reason_code,
            company_id,
            promise_id as object_id,
            amount_at_stake as amount,
            base_currency as currency_code,
            {{ plus_days("promised_date", 1) }} as since_date,
            concat(
                name,
                ' avait promis ',
                promised_text,
                ' pour le ',
                cast(promised_date as string),
                coalesce(' (' || document_ref || ')', ''),
                case
                    when kept_amount = 0
                    then ' : rien n''est venu, '
                    else concat(' : ', kept_text, ' sont venus, ')
                end,
                left_text,
                ' restent dus ; rappelez ce tiers.'
            ) as explanation_fr,
            concat(
                name,
                ' promised ',
                promised_text,
                ' by ',
                cast(promised_date as string),
                coalesce(' (' || document_ref || ')', ''),
                case when kept_amount = 0 then ': nothing came, ' else concat(': ', kept_text, ' came, ') end,
                left_text,
                ' is still owed; call them again.'
            ) as explanation_en
        from broken

        union all

        select
            'dispute_without_document',
            company_id,
            fact_id,
            told_amount,
            cast(null as string),
            told_on,
            concat(
                'Litige du ',
                day_text,
                ' : aucun poste, ou ceux de plusieurs tiers, ne porte la pièce ',
                subject,
                ' ; corrigez-la ou nommez le tiers.'
            ),
            concat(
                'Dispute of ',
                day_text,
                ': no item, or those of several third parties, has the document ',
                subject,
                '; correct it or name the third party.'
            )
        from not_found
        where fact_kind = 'dispute'

        union all

        select
            'promise_without_document',
            company_id,
            fact_id,
            told_amount,
            cast(null as string),
            told_on,
            concat(
                'Promesse du ',
                day_text,
                case
                    when document_ref is null
                    then ' : le tiers est inconnu '
                    else ' : aucun poste, ou ceux de plusieurs tiers, ne porte la pièce '
                end,
                subject,
                ' ; corrigez ce qu''elle nomme.'
            ),
            concat(
                'Promise of ',
                day_text,
                case
                    when document_ref is null
                    then ': nobody knows the third party '
                    else ': no item, or those of several third parties, has the document '
                end,
                subject,
                '; correct what it names.'
            )
        from not_found
        where fact_kind = 'promise'
    )

select
    reason_code,
    company_id,
    'receivable' as side,
    object_id,
    cast(null as string) as bank_account_id,
    cast(null as string) as account_code,
    amount,
    currency_code,
    since_date,
    explanation_fr,
    explanation_en,
    '[]' as suggestion
from raised
