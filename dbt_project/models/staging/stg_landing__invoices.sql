select
    source_sha256,
    source_row,
    company_id,
    third_party_code,
    kind,
    document_number,
    document_type,
    issue_date,
    due_date,
    total_amount,
    payment_reference
from {{ source("landing", "invoices") }}
