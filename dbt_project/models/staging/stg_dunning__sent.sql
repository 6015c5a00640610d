select
    action_id,
    company_id,
    third_party_id,
    item_id,
    document_ref,
    sent_at,
    sent_on,
    level as dunning_level,
    channel,
    outcome
from {{ source("dunning", "sent") }}
