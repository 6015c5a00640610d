select
    source_sha256,
    source_row,
    company_id,
    decision,
    decision_ref,
    object_id,
    counterpart_id,
    amount as decided_amount,
    iban as payer_iban,
    payer_name,
    third_party_id,
    decided_by,
    decided_on,
    comment as decision_comment
from {{ source("landing", "decisions") }}
