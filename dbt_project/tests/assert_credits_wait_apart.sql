-- A credit that waits to be applied is never subtracted from an age band, or late amounts look smaller
-- than they are.
select item_id, open_amount, ageing_bucket_code, status
from {{ ref("fct_open_items") }}
where open_amount < 0 and (ageing_bucket_code <> 'unapplied' or status <> 'unapplied')
