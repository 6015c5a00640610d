-- Whose payments a payer's are, as reviewers say: per kind of third party, the latest word on an IBAN or a
-- name.
with
    aliases as (
        select
            decisions.company_id,
            parties.kind,
            decisions.payer_iban,
            decisions.payer_name,
            decisions.third_party_id,
            decisions.decision_ref,
            decisions.decided_by,
            decisions.decided_on,
            row_number() over (
                partition by
                    decisions.company_id, parties.kind, decisions.payer_iban, upper(decisions.payer_name)
                order by decisions.decision_order desc
            ) as recency
        from {{ ref("int_decisions__listed") }} as decisions
        inner join
            {{ ref("int_third_parties__listed") }} as parties
            on decisions.third_party_id = parties.third_party_id
            and decisions.company_id = parties.company_id
        where decisions.decision = 'alias' and not decisions.is_forgotten
    )

select company_id, kind, payer_iban, payer_name, third_party_id, decision_ref, decided_by, decided_on
from aliases
where recency = 1
