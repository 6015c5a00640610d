select run_id, suite, expectation, source_file, severity, checked_count, failed_count, passed, detail
from {{ source("history", "fct_quality_results") }}

union all

select run_id, suite, expectation, source_file, severity, checked_count, failed_count, passed, detail
from {{ source("quality", "results") }}
