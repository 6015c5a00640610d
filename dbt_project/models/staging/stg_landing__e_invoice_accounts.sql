select source_sha256, {{ each_of("payee_accounts") }} as payee_account
from {{ source("landing", "e_invoices") }}
