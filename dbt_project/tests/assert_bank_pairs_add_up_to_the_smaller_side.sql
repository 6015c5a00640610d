-- A join that multiplied pairs, or lost one, would tell more or less than was matched.
with
    pairs as (
        select match_id, sum(matched_amount) as matched_amount
        from {{ ref("fct_bank_reconciliation") }}
        group by match_id
    )

select matches.match_id, matches.bank_amount, matches.ledger_amount, pairs.matched_amount
from {{ ref("fct_bank_matches") }} as matches
left join pairs on matches.match_id = pairs.match_id
where
    matches.match_cardinality <> 'offset'
    and abs(coalesce(pairs.matched_amount, 0)) <> case
        when sign(matches.bank_amount) = sign(matches.ledger_amount)
        then least(abs(matches.bank_amount), abs(matches.ledger_amount))
        else 0
    end
