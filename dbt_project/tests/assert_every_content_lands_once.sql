-- Landed rows are joined to their file by content: the same content landed under two paths would double them.
select source_sha256, count(*) as file_count
from {{ ref("stg_landing__source_files") }}
where status = 'landed'
group by source_sha256
having count(*) > 1
