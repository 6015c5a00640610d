-- What third_parties.csv says, one row per company, kind and code: the newest file wins, then its last
-- row.
with
    ranked as (
        select
            coalesce(parties.company_id, files.company_id) as company_id,
            parties.kind,
            parties.third_party_code,
            parties.name,
            parties.siren,
            parties.vat_number,
            parties.ibans,
            parties.payment_terms,
            parties.credit_limit,
            parties.segment,
            parties.agency,
            parties.sales_rep,
            parties.email,
            parties.language,
            row_number() over (
                partition by
                    coalesce(parties.company_id, files.company_id), parties.kind, parties.third_party_code
                order by
                    files.intake_number desc,
                    files.modified_at desc,
                    files.source_sha256,
                    parties.source_row desc
            ) as recency
        from {{ ref("stg_landing__third_parties") }} as parties
        inner join {{ ref("int_files__placements") }} as files on parties.source_sha256 = files.source_sha256
    )

select
    company_id,
    kind,
    third_party_code,
    name,
    siren,
    vat_number,
    ibans,
    payment_terms,
    credit_limit,
    segment,
    agency,
    sales_rep,
    email,
    language
from ranked
where recency = 1 and company_id is not null
