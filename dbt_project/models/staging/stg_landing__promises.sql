select
    source_sha256,
    source_row,
    company_id,
    third_party_code,
    document_number,
    promised_on,
    promised_date,
    amount as promised_amount
from {{ source("landing", "promises") }}
