select
    source_file,
    source_sha256,
    size_bytes,
    modified_at,
    first_seen_at,
    intake_number,
    kind,
    dialect,
    company_id,
    status,
    reason,
    remedy,
    coalesce(is_accepted, false) as is_accepted,
    coalesce(is_present, false) as is_present,
    rows_read,
    rows_landed,
    rows_quarantined,
    total_debit,
    total_credit,
    period_start,
    period_end,
    median_date,
    greatest(
        coalesce(latest_validation_date, latest_letter_date),
        coalesce(latest_letter_date, latest_validation_date)
    ) as latest_change_date,
    closing_date_in_name
from {{ source("landing", "source_files") }}
