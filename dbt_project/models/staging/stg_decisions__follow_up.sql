select
    sequence as decision_sequence,
    company_id,
    kind as follow_up_kind,
    decision_ref,
    third_party_id,
    document_ref,
    item_id,
    promised_date,
    amount as told_amount,
    dispute_id,
    channel,
    outcome,
    remark,
    decided_by,
    decided_on,
    decided_at
from {{ source("decisions", "follow_up") }}
