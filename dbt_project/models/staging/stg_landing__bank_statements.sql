select
    source_sha256,
    source_row,
    statement_ordinal,
    statement_kind,
    statement_reference,
    sequence_number,
    account_number,
    account_currency,
    created_at,
    coalesce(from_date, opening_date) as from_date,
    coalesce(to_date, closing_date) as to_date,
    opening_balance,
    closing_balance,
    entry_count,
    entry_total
from {{ source("landing", "bank_statements") }}
