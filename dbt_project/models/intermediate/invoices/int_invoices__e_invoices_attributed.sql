-- The third party of each e-invoice, as far as it must be known. We number our own invoices, so that a
-- customer's is found by its number alone. Suppliers number theirs, and two may use one number: theirs
-- are found by SIREN, else VAT number, else bank account, else name, whichever is the first that any
-- third party has. What is left, and what has no side, is found where one third party alone has a document
-- of that number and amount in the ledger. Whatever else stays out.
with
    documents as (select * from {{ ref("int_invoices__e_invoices_sided") }}),

    numbered_by_us as (select * from documents where kind = 'customer' and not is_self_billed),

    numbered_by_others as (select * from documents where kind is null or kind = 'supplier' or is_self_billed),

    parties as (
        select
            company_id,
            kind,
            third_party_code,
            replace(siren, ' ', '') as siren,
            replace(vat_number, ' ', '') as vat_number,
            replace(ibans, ' ', '') as ibans,
            {{ replace_all("upper(name)", "'[^A-Z0-9]'", "''") }} as plain_name
        from {{ ref("int_third_parties__listed") }}
    ),

    party_accounts as (
        select company_id, kind, third_party_code, {{ each_of(between_bars("ibans")) }} as account
        from parties
        where ibans is not null
    ),

    likenesses as (
        select
            documents.source_sha256,
            documents.company_id,
            documents.kind,
            parties.third_party_code,
            1 as likeness
        from numbered_by_others as documents
        inner join
            parties
            on documents.company_id = parties.company_id
            and documents.kind = parties.kind
            and documents.party_siren = parties.siren

        union all

        select documents.source_sha256, documents.company_id, documents.kind, parties.third_party_code, 2
        from numbered_by_others as documents
        inner join
            parties
            on documents.company_id = parties.company_id
            and documents.kind = parties.kind
            and documents.party_vat_number = parties.vat_number

        union all

        select
            documents.source_sha256, documents.company_id, documents.kind, party_accounts.third_party_code, 3
        from numbered_by_others as documents
        inner join
            {{ ref("stg_landing__e_invoice_accounts") }} as accounts
            on documents.source_sha256 = accounts.source_sha256
        inner join
            party_accounts
            on documents.company_id = party_accounts.company_id
            and documents.kind = party_accounts.kind
            and accounts.payee_account = party_accounts.account
        where documents.kind = 'supplier'

        union all

        select documents.source_sha256, documents.company_id, documents.kind, parties.third_party_code, 4
        from numbered_by_others as documents
        inner join
            parties
            on documents.company_id = parties.company_id
            and documents.kind = parties.kind
            and {{ replace_all("upper(documents.party_name)", "'[^A-Z0-9]'", "''") }} = parties.plain_name
            and parties.plain_name <> ''
    ),

    best_likenesses as (
        select source_sha256, company_id, kind, min(likeness) as likeness
        from likenesses
        group by source_sha256, company_id, kind
    ),

    identified as (
        select distinct
            likenesses.source_sha256, likenesses.company_id, likenesses.kind, likenesses.third_party_code
        from likenesses
        inner join
            best_likenesses
            on likenesses.source_sha256 = best_likenesses.source_sha256
            and likenesses.company_id = best_likenesses.company_id
            and likenesses.kind = best_likenesses.kind
            and likenesses.likeness = best_likenesses.likeness
    ),

    unidentified as (
        select *
        from numbered_by_others
        where
            not exists (
                select 1
                from identified
                where
                    identified.source_sha256 = numbered_by_others.source_sha256
                    and identified.company_id = numbered_by_others.company_id
                    and identified.kind = numbered_by_others.kind
            )
    ),

    booked as (
        select
            company_id,
            third_party_kind as kind,
            third_party_code,
            upper(trim(document_ref)) as document_key,
            sum(side_amount) as amount,
            sum(abs(amount_currency)) as amount_currency
        from {{ ref("int_ledger__lines_identified") }}
        where
            third_party_id is not null and side_amount > 0 and not is_restatement and document_ref is not null
        group by company_id, third_party_kind, third_party_code, upper(trim(document_ref))
    ),

    of_number_and_amount as (
        select
            unidentified.source_sha256,
            unidentified.company_id,
            max(booked.kind) as kind,
            max(booked.third_party_code) as third_party_code
        from unidentified
        inner join
            booked
            on unidentified.company_id = booked.company_id
            and unidentified.document_key = booked.document_key
            and (unidentified.kind is null or unidentified.kind = booked.kind)
            and (
                unidentified.gross_amount in (booked.amount, booked.amount_currency)
                or unidentified.payable_amount in (booked.amount, booked.amount_currency)
            )
        group by unidentified.source_sha256, unidentified.company_id, unidentified.kind
        having count(*) = 1
    ),

    attributed as (
        select source_sha256, company_id, kind, cast(null as string) as third_party_code
        from numbered_by_us
        union all
        select source_sha256, company_id, kind, third_party_code
        from identified
        union all
        select source_sha256, company_id, kind, third_party_code
        from of_number_and_amount
    )

-- The code is the one that third_parties.csv has, as in invoices.csv.
select
    attributed.source_sha256,
    attributed.company_id,
    attributed.kind,
    coalesce(listed.attribute_code, attributed.third_party_code) as third_party_code,
    documents.document_key,
    documents.payment_reference,
    documents.intake_number,
    documents.modified_at
from attributed
inner join
    documents
    on attributed.source_sha256 = documents.source_sha256
    and attributed.company_id = documents.company_id
    and attributed.kind = coalesce(documents.kind, attributed.kind)
left join
    {{ ref("int_third_parties__listed") }} as listed
    on attributed.company_id = listed.company_id
    and attributed.kind = listed.kind
    and attributed.third_party_code = listed.third_party_code
