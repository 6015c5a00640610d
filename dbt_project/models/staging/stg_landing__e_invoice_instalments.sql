with
    instalments as (
        select source_sha256, {{ each_of("instalments") }} as instalment
        from {{ source("landing", "e_invoices") }}
    )

select source_sha256, instalment.due_date, cast(instalment.amount as decimal(18, 2)) as amount
from instalments
