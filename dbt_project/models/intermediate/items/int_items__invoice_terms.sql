-- The documents of invoices.csv and the e-invoices, a row per instalment in order of due date: for each
-- document the newest file that holds it counts, whole. A document of invoices.csv counts before an
-- e-invoice: people write there what they have agreed since. `document_key` is the number without regard
-- to case and outer blanks.
with
    listed_rows as (
        select
            coalesce(invoices.company_id, files.company_id) as company_id,
            invoices.kind,
            invoices.third_party_code,
            upper(trim(invoices.document_number)) as document_key,
            invoices.document_type,
            invoices.due_date,
            invoices.total_amount,
            invoices.payment_reference,
            invoices.source_sha256,
            invoices.source_row,
            files.intake_number,
            files.modified_at
        from {{ ref("stg_landing__invoices") }} as invoices
        inner join {{ ref("int_files__placements") }} as files on invoices.source_sha256 = files.source_sha256
    ),

    instalments as (select * from {{ ref("stg_landing__e_invoice_instalments") }}),

    e_invoice_rows as (
        select
            e_invoices.company_id,
            e_invoices.kind,
            e_invoices.third_party_code,
            e_invoices.document_key,
            'invoice' as document_type,
            instalments.due_date,
            instalments.amount as total_amount,
            e_invoices.payment_reference,
            e_invoices.source_sha256,
            cast(0 as bigint) as source_row,
            e_invoices.intake_number,
            e_invoices.modified_at
        from {{ ref("int_invoices__e_invoices_attributed") }} as e_invoices
        inner join instalments on e_invoices.source_sha256 = instalments.source_sha256
        where
            exists (
                select 1
                from instalments as dated
                where dated.source_sha256 = e_invoices.source_sha256 and dated.due_date is not null
            )
            and not exists (
                select 1
                from listed_rows
                where
                    listed_rows.company_id = e_invoices.company_id
                    and listed_rows.kind = e_invoices.kind
                    and listed_rows.document_key = e_invoices.document_key
                    and coalesce(listed_rows.third_party_code, e_invoices.third_party_code, '')
                    = coalesce(e_invoices.third_party_code, '')
            )
    ),

    rows_with_owner as (
        select
            *,
            dense_rank() over (
                partition by company_id, kind, third_party_code, document_key
                order by intake_number desc, modified_at desc, source_sha256
            ) as file_recency
        from
            (
                select *
                from listed_rows
                union all
                select *
                from e_invoice_rows
            ) as both_kinds
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
    payment_reference,
    row_number() over (
        partition by company_id, kind, third_party_code, document_key
        order by due_date, source_row, total_amount
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
