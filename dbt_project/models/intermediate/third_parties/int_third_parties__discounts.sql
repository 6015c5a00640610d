-- The discount that a third party may take for early payment: by its own terms, else by the settings.
select
    parties.third_party_id,
    coalesce(parties.discount_percent, settings.discount_percent) as discount_percent,
    coalesce(parties.discount_days, settings.discount_days) as discount_days
from {{ ref("int_third_parties__listed") }} as parties
cross join {{ source("settings", "matching") }} as settings
where coalesce(parties.discount_percent, settings.discount_percent) > 0
