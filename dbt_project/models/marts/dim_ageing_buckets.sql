select ageing_bucket_code, bucket_order, from_days, to_days, is_overdue, label_fr, label_en
from {{ source("settings", "ageing_buckets") }}
