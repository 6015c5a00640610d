select
    source_sha256,
    source_row,
    company_id,
    third_party_code,
    document_number,
    opened_on,
    closed_on,
    reason,
    amount as disputed_amount
from {{ source("landing", "disputes") }}
