-- Which content lies with which company, once each. The same bytes land once, but a file of common terms
-- copied into two companies' folders speaks for both.
with
    placed as (
        select
            company_id,
            source_sha256,
            kind,
            intake_number,
            modified_at,
            row_number() over (
                partition by company_id, source_sha256
                order by
                    case when status = 'landed' then 0 else 1 end,
                    intake_number desc,
                    modified_at desc,
                    source_file
            ) as preference
        from {{ ref("stg_landing__source_files") }}
        where status in ('landed', 'duplicate')
    )

select company_id, source_sha256, kind, intake_number, modified_at
from placed
where preference = 1
