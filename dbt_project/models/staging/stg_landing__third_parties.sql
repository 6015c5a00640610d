select
    source_sha256,
    source_row,
    company_id,
    third_party_code,
    name,
    kind,
    siren,
    vat_number,
    iban as ibans,
    payment_terms,
    credit_limit,
    segment,
    agency,
    sales_rep,
    email,
    language
from {{ source("landing", "third_parties") }}
