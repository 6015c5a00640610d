select source_sha256, source_row, reason, remedy from {{ source("landing", "quarantined_rows") }}
