select
    third_party_id,
    company_id,
    kind,
    third_party_code,
    name,
    siren,
    vat_number,
    ibans,
    payment_terms,
    credit_limit,
    segment,
    agency,
    sales_rep,
    email,
    language
from {{ ref("int_third_parties__listed") }}
