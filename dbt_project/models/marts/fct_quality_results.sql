-- A view: what is checked of the other marts is told here when all of them are built.
{{ config(materialized="view") }}

select run_id, suite, expectation, source_file, subject, severity, checked_count, failed_count, passed, detail
from {{ source("history", "fct_quality_results") }}

union all

select run_id, suite, expectation, source_file, subject, severity, checked_count, failed_count, passed, detail
from {{ source("quality", "results") }}
