with
    vat_rows as (
        select source_sha256, {{ each_of("vat_breakdown") }} as vat_row
        from {{ source("landing", "e_invoices") }}
    )

select source_sha256, vat_row.category_code, vat_row.rate, vat_row.net_amount, vat_row.vat_amount
from vat_rows
