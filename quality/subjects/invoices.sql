-- Every landed invoice row, beside whose its file is.
select invoices.*, files.company_id as file_company_id, files.known_at_date
from landing.invoices as invoices
join checked_files as files on invoices.source_sha256 = files.source_sha256
