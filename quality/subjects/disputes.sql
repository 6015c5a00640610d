-- Every landed row of disputes.csv, beside whose its file is.
select disputes.*, files.company_id as file_company_id, files.known_at_date
from landing.disputes as disputes
join checked_files as files on disputes.source_sha256 = files.source_sha256
