select
    source_sha256,
    source_row,
    document_number,
    document_type,
    is_self_billed,
    seller_name,
    seller_siren,
    seller_vat_number,
    buyer_name,
    buyer_siren,
    buyer_vat_number,
    payment_reference,
    net_amount,
    vat_amount,
    gross_amount,
    payable_amount
from {{ source("landing", "e_invoices") }}
