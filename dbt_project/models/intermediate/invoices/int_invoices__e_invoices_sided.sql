-- Whose invoice an e-invoice is, and on which side of the ledger: the company's customers owe it where
-- the company is the seller, the company owes it where it is the buyer. A company is known by its SIREN
-- or VAT number in the settings, or by an id that is one. An invoice between two companies of one home
-- is in both ledgers. Where neither party is known to be the company that the file belongs to, the side
-- stays open. Credit notes have no due date, and are left out.
with
    documents as (
        select e_invoices.*, files.company_id as file_company_id, files.intake_number, files.modified_at
        from {{ ref("stg_landing__e_invoices") }} as e_invoices
        inner join
            {{ ref("int_files__placements") }} as files on e_invoices.source_sha256 = files.source_sha256
        where e_invoices.document_type = 'invoice'
    ),

    companies as (select company_id, siren, vat_number from {{ ref("int_companies__known") }}),

    identifiers as (
        select company_id, company_id as identifier
        from companies
        union
        select company_id, siren
        from companies
        where siren is not null
        union
        select company_id, vat_number
        from companies
        where vat_number is not null
    ),

    parties as (
        select source_sha256, 'customer' as kind, seller_siren as identifier
        from documents
        union
        select source_sha256, 'customer', seller_vat_number
        from documents
        union
        select source_sha256, 'supplier', buyer_siren
        from documents
        union
        select source_sha256, 'supplier', buyer_vat_number
        from documents
    ),

    known_parties as (
        select distinct parties.source_sha256, parties.kind, identifiers.company_id
        from parties
        inner join identifiers on parties.identifier = identifiers.identifier
    ),

    sided as (
        select
            documents.*,
            coalesce(documents.file_company_id, known_parties.company_id) as company_id,
            known_parties.kind
        from documents
        left join
            known_parties
            on documents.source_sha256 = known_parties.source_sha256
            and known_parties.company_id = coalesce(documents.file_company_id, known_parties.company_id)
    )

select
    source_sha256,
    company_id,
    kind,
    upper(trim(document_number)) as document_key,
    is_self_billed,
    case when kind = 'customer' then buyer_name when kind = 'supplier' then seller_name end as party_name,
    case when kind = 'customer' then buyer_siren when kind = 'supplier' then seller_siren end as party_siren,
    case
        when kind = 'customer' then buyer_vat_number when kind = 'supplier' then seller_vat_number
    end as party_vat_number,
    payment_reference,
    gross_amount,
    payable_amount,
    intake_number,
    modified_at
from sided
where company_id is not null
