-- Every landed row of promises.csv, beside whose its file is.
select promises.*, files.company_id as file_company_id, files.known_at_date
from landing.promises as promises
join checked_files as files on promises.source_sha256 = files.source_sha256
