-- Net and VAT make the total of an e-invoice, and the rows of its VAT breakdown its VAT. Those that do
-- not add up are listed one by one. A fault of the input: none blocks.
with
    vat_rows as (
        select source_sha256, sum(vat_amount) as vat_amount
        from {{ ref("stg_landing__e_invoice_vat_rows") }}
        group by source_sha256
    ),

    documents as (
        select
            files.company_id,
            concat_ws(' ', e_invoices.document_number, e_invoices.seller_name) as subject,
            e_invoices.gross_amount,
            coalesce(
                e_invoices.net_amount + coalesce(e_invoices.vat_amount, 0), e_invoices.gross_amount
            ) as net_and_vat_amount,
            coalesce(e_invoices.vat_amount, vat_rows.vat_amount, 0) as vat_amount,
            coalesce(vat_rows.vat_amount, e_invoices.vat_amount, 0) as rows_vat_amount
        from {{ ref("stg_landing__e_invoices") }} as e_invoices
        inner join
            {{ ref("int_files__placements") }} as files on e_invoices.source_sha256 = files.source_sha256
        left join vat_rows on e_invoices.source_sha256 = vat_rows.source_sha256
    )

select
    company_id,
    'e_invoices_that_add_up' as control_name,
    'company' as subject,
    count(*) as expected,
    sum(
        case when gross_amount = net_and_vat_amount and vat_amount = rows_vat_amount then 1 else 0 end
    ) as actual,
    false as is_blocking
from documents
group by company_id

union all

select company_id, 'e_invoice_total', subject, gross_amount, net_and_vat_amount, false
from documents
where gross_amount <> net_and_vat_amount

union all

select company_id, 'e_invoice_vat', subject, vat_amount, rows_vat_amount, false
from documents
where vat_amount <> rows_vat_amount
