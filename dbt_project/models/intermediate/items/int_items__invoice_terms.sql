-- The documents of invoices.csv, a row per instalment in order of due date: for each document the newest
-- file that holds it counts, whole. `document_key` is the number without regard to case and outer blanks.
with
    rows_with_owner as (
        select
            coalesce(invoices.company_id, files.company_id) as company_id,
            invoices.kind,
            invoices.third_party_code,
            upper(trim(invoices.document_number)) as document_key,
            invoices.document_type,
            invoices.due_date,
            invoices.total_amount,
            invoices.source_sha256,
            invoices.source_row,
            dense_rank() over (
                partition by
                    coalesce(invoices.company_id, files.company_id),
                    invoices.kind,
                    invoices.third_party_code,
                    upper(trim(invoices.document_number))
                order by files.intake_number desc, files.modified_at desc, files.source_sha256
            ) as file_recency
        from {{ ref("stg_landing__invoices") }} as invoices
        inner join {{ ref("int_files__placements") }} as files on invoices.source_sha256 = files.source_sha256
    ),

    newest as (
        select *
        from rows_with_owner
        where file_recency = 1 and company_id is not null and document_type = 'invoice'
    )

select
    company_id,
    kind,
    third_party_code,
    document_key,
    due_date,
    total_amount,
    row_number() over (
        partition by company_id, kind, third_party_code, document_key order by due_date, source_row
    ) as instalment_number,
    count(*) over (partition by company_id, kind, third_party_code, document_key) as instalment_count,
    sum(total_amount) over (partition by company_id, kind, third_party_code, document_key) as document_amount,
    min(case when total_amount > 0 then 1 else 0 end) over (
        partition by company_id, kind, third_party_code, document_key
    )
    = 1 as has_every_amount,
    min(due_date) over (partition by company_id, kind, third_party_code, document_key) as first_due_date,
    row_number() over (
        partition by company_id, kind, third_party_code, document_key, total_amount
        order by due_date, source_row
    ) as rank_in_amount
from newest
