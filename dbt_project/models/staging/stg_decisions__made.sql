select
    sequence as decision_sequence,
    company_id,
    decision,
    decision_ref,
    object_id,
    counterpart_id,
    cast(null as decimal(18, 2)) as decided_amount,
    iban as payer_iban,
    payer_name,
    third_party_id,
    decided_by,
    decided_on,
    decided_at,
    comment as decision_comment
from {{ source("decisions", "made") }}
