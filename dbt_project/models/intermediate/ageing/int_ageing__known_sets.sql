-- The sets that earlier runs left: of several runs on one known-at date, the last one's. Run ids sort by
-- time.
select as_of_date, known_at_date, max(run_id) as run_id
from {{ source("history", "fct_ageing_snapshot_dates") }}
group by as_of_date, known_at_date
