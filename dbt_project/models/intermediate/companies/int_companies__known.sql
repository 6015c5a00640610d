-- Every company that the settings name or that a file belongs to.
with
    named as (
        select company_id, name, base_currency, siren, vat_number from {{ source("settings", "companies") }}
    ),

    seen as (
        select company_id
        from {{ ref("stg_landing__source_files") }}
        where company_id is not null
        union
        select company_id
        from {{ ref("int_third_parties__attributes") }}
        union
        select company_id
        from named
    )

select
    seen.company_id,
    coalesce(named.name, seen.company_id) as name,
    coalesce(named.base_currency, 'EUR') as base_currency,
    named.siren,
    named.vat_number
from seen
left join named on seen.company_id = named.company_id
