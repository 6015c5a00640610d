-- Disputes by item, whenever they were: at a date D an item is disputed where opened_on is D or before and
-- closed_on is empty or after D; at most what is open then.
{{ config(materialized="view") }}

select
    fact_id as dispute_id,
    item_id,
    company_id,
    ledger_side,
    third_party_id,
    document_ref,
    entry_date,
    due_date,
    told_on as opened_on,
    closed_on,
    reason,
    told_amount as whole_disputed_amount,
    owed_amount,
    amount as disputed_amount,
    is_carried_on
from {{ ref("int_follow_up__fact_items") }}
where fact_kind = 'dispute'
