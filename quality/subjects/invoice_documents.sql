-- Documents: the rows of one number are its instalments. An empty cell disagrees with a filled one.
select
    invoices.source_sha256,
    min(invoices.source_row) as source_row,
    invoices.document_number,
    count(*) as row_count,
    count(distinct invoices.document_type) as type_count,
    count(distinct coalesce(invoices.currency, '')) as currency_count,
    count(distinct coalesce(cast(invoices.issue_date as varchar), '')) as issue_date_count,
    count(distinct coalesce(cast(invoices.due_date as varchar), '')) as due_date_count,
    min(invoices.total_amount) as smallest_amount,
    max(invoices.total_amount) as largest_amount,
    sum(invoices.total_amount) as total_amount,
    sum(invoices.vat_amount) as vat_amount
from landing.invoices as invoices
group by
    invoices.source_sha256,
    invoices.company_id,
    invoices.third_party_code,
    invoices.kind,
    invoices.document_number
