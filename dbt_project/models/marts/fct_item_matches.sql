-- The match groups of payments and the documents that they settle, in the books or not yet.
select
    match_id,
    use,
    company_id,
    bank_account_id,
    match_status,
    match_rule,
    match_score,
    match_cardinality,
    payment_amount,
    document_amount,
    residual_amount,
    residual_reason,
    rank as match_rank,
    evidence
from {{ ref("int_matching__groups") }}
where use in ('lettering', 'receipt')
