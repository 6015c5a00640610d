-- Every landed invoice row.
select invoices.*, files.known_at_date
from landing.invoices as invoices
join checked_files as files on invoices.source_sha256 = files.source_sha256
