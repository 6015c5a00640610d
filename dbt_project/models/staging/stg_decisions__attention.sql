select exception_id, assigned_to, snoozed_until from {{ source("decisions", "attention") }}
