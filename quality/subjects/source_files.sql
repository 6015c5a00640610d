-- Every landed file, as the manifest describes it.
select files.*, cast(null as bigint) as source_row
from checked_files as files
