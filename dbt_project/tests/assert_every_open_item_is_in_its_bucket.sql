-- An item whose days lie outside the bounds of its band, or whose band does not exist, is in no column of
-- the aged balance, or in a wrong one.
select items.item_id, items.days_past_due, items.ageing_bucket_code
from {{ ref("fct_open_items") }} as items
left join {{ ref("dim_ageing_buckets") }} as buckets on items.ageing_bucket_code = buckets.ageing_bucket_code
where
    buckets.ageing_bucket_code is null
    or (items.days_past_due is null) <> (items.ageing_bucket_code in ('unapplied', 'undated'))
    or items.days_past_due < buckets.from_days
    or items.days_past_due > buckets.to_days
    or (items.status = 'overdue') <> buckets.is_overdue
