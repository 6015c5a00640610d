-- Promises to pay by item, whenever they were made: at a date D an item is promised where promised_on is D
-- or before and promised_date is D or after; at most what is open then.
{{ config(materialized="view") }}

select
    fact_id as promise_id,
    item_id,
    company_id,
    ledger_side,
    third_party_id,
    document_ref,
    entry_date,
    due_date,
    told_on as promised_on,
    promised_date,
    told_amount as whole_promised_amount,
    owed_amount,
    amount as promised_amount,
    is_carried_on
from {{ ref("int_follow_up__fact_items") }}
where fact_kind = 'promise'
