-- What holds for a pair: the latest decision about it. An accepted group holds whole or not at all: it
-- ends when one of its pairs is rejected later, or one of its payments (in the bank, one of its lines) is
-- matched anew.
with
    pairs as (
        select *, concat(payment_id, ' ', document_id) as pair_id
        from {{ ref("int_decisions__pairs_found") }}
        where use is not null and missing_id is null
    ),

    touched as (
        select decision_id, decision_order, pair_id as touched_id
        from pairs
        union all
        select decision_id, decision_order, payment_id
        from pairs
        where verdict = 'accepted'
        union all
        select decision_id, decision_order, document_id
        from pairs
        where verdict = 'accepted' and use = 'bank'
    ),

    latest as (
        select touched_id, {{ latest_value("decision_id", "decision_order") }} as decision_id
        from touched
        group by touched_id
    ),

    ended as (
        select distinct touched.decision_id, touched.touched_id
        from touched
        inner join latest on touched.touched_id = latest.touched_id
        where touched.decision_id <> latest.decision_id
    )

select
    payment_id,
    document_id,
    use,
    verdict,
    decided_amount as amount,
    decision_id,
    company_id,
    decision_ref,
    decided_by,
    decided_on,
    decision_comment as comment
from
    (
        select
            *,
            row_number() over (
                partition by decision_id, payment_id, document_id order by decision_order desc
            ) as recency
        from pairs
    ) as told
where
    recency = 1
    and not exists (
        select 1
        from ended
        where
            ended.decision_id = told.decision_id
            and (told.verdict = 'accepted' or ended.touched_id = told.pair_id)
    )
