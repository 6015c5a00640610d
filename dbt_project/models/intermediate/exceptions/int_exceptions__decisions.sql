-- Decisions that have nothing to act on: their ids are gone, do not belong together, or never were.
with
    decisions as (select * from {{ ref("int_decisions__listed") }} where not is_forgotten),

    without_object as (
        select
            company_id,
            decision_ref,
            decided_by,
            decided_on,
            decision_order,
            case
                when missing_id is not null
                then concat('cite ', missing_id, ', que rien dans les livres ni en banque ne porte')
                else concat('cite ', payment_id, ' et ', document_id, ', qui ne se rapprochent pas')
            end as fault_fr,
            case
                when missing_id is not null
                then concat('names ', missing_id, ', which nothing in the books or at the bank has')
                else concat('names ', payment_id, ' and ', document_id, ', which cannot be matched')
            end as fault_en
        from {{ ref("int_decisions__pairs_found") }}
        where missing_id is not null or use is null

        union all

        select
            company_id,
            decision_ref,
            decided_by,
            decided_on,
            decision_order,
            concat('cite le tiers ', third_party_id, ', que la société n''a pas'),
            concat('names the third party ', third_party_id, ', which the company does not have')
        from decisions
        where
            decision = 'alias'
            and not exists (
                select 1
                from {{ ref("int_third_parties__listed") }} as parties
                where
                    parties.third_party_id = decisions.third_party_id
                    and parties.company_id = decisions.company_id
            )

        union all

        select
            company_id,
            decision_ref,
            decided_by,
            decided_on,
            decision_order,
            'retire une décision que personne n''a prise',
            'takes back a decision that nobody made'
        from decisions
        where
            decision = 'forget'
            and not exists (
                select 1
                from {{ ref("int_decisions__listed") }} as made
                where
                    made.decision <> 'forget'
                    and made.company_id = decisions.company_id
                    and made.decision_ref = decisions.decision_ref
            )
    ),

    numbered as (
        select
            *, row_number() over (partition by company_id, decision_ref order by decision_order) as position
        from without_object
    )

select
    'decision_without_object' as reason_code,
    company_id,
    'file' as side,
    decision_ref as object_id,
    cast(null as decimal(18, 2)) as amount,
    cast(null as string) as currency_code,
    decided_on as since_date,
    concat(
        'La décision ',
        decision_ref,
        ' de ',
        decided_by,
        ' (',
        cast(decided_on as string),
        ') ',
        fault_fr,
        ' ; elle reste enregistrée, sans effet.'
    ) as explanation_fr,
    concat(
        'The decision ',
        decision_ref,
        ' of ',
        decided_by,
        ' (',
        cast(decided_on as string),
        ') ',
        fault_en,
        '; it is kept, without effect.'
    ) as explanation_en
from numbered
where position = 1
