-- Every landed ledger line.
select lines.*, files.median_date, files.known_at_date
from landing.ledger_lines as lines
join checked_files as files on lines.source_sha256 = files.source_sha256
