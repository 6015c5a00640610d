-- Every landed row of dunning_events.csv, beside whose its file is.
select dunning_events.*, files.company_id as file_company_id, files.known_at_date
from landing.dunning_events as dunning_events
join checked_files as files on dunning_events.source_sha256 = files.source_sha256
