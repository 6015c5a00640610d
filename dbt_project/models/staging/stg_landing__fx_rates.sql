select
    source_sha256,
    source_row,
    rate_date,
    currency as currency_code,
    base_currency as base_currency_code,
    rate as exchange_rate
from {{ source("landing", "fx_rates") }}
