select
    source_sha256,
    source_row,
    company_id,
    third_party_code,
    document_number,
    sent_on,
    level as dunning_level,
    channel,
    outcome
from {{ source("landing", "dunning_events") }}
