-- Every dispute and promise to pay that was told by the as-of date, once each. Of a fact (whose, which
-- document, told when, promised for when) the newest file that holds it counts, whole; what it tells twice
-- is one, its last row counts. A row is the third party's that it names, a customer before a supplier;
-- without one, its document's where one third party alone has such a document. What was decided in the
-- store stands beside it; a dispute of either is closed by whoever closes it first.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    landed as (
        select
            'dispute' as fact_kind,
            source_sha256,
            source_row,
            company_id,
            third_party_code,
            document_number,
            opened_on as told_on,
            cast(null as date) as promised_date,
            closed_on,
            reason,
            disputed_amount as told_amount
        from {{ ref("stg_landing__disputes") }}
        union all
        select
            'promise' as fact_kind,
            source_sha256,
            source_row,
            company_id,
            third_party_code,
            document_number,
            promised_on as told_on,
            promised_date,
            cast(null as date) as closed_on,
            cast(null as string) as reason,
            promised_amount as told_amount
        from {{ ref("stg_landing__promises") }}
    ),

    told as (
        select
            landed.fact_kind,
            coalesce(landed.company_id, files.company_id) as company_id,
            landed.third_party_code,
            nullif(upper(trim(landed.document_number)), '') as document_key,
            trim(landed.document_number) as document_number,
            landed.told_on,
            landed.promised_date,
            landed.closed_on,
            landed.reason,
            -- A sign is the export's; zero says no amount.
            cast(nullif(abs(landed.told_amount), 0) as decimal(18, 2)) as told_amount,
            cast(files.modified_at as date) as file_day,
            files.intake_number,
            files.modified_at,
            landed.source_sha256,
            landed.source_row,
            concat(
                landed.fact_kind, ' ', landed.source_sha256, ' ', cast(landed.source_row as string)
            ) as row_id
        from landed
        inner join {{ ref("int_files__placements") }} as files on landed.source_sha256 = files.source_sha256
        where coalesce(landed.company_id, files.company_id) is not null
    ),

    parties as (
        select third_party_id, company_id, kind, third_party_code, attribute_code
        from {{ ref("int_third_parties__listed") }}
    ),

    decided as (
        select
            {{ stable_id(["follow_up_kind", "company_id", "decision_ref"]) }} as fact_id,
            follow_up_kind as fact_kind,
            company_id,
            third_party_id,
            document_ref,
            nullif(upper(trim(document_ref)), '') as document_key,
            item_id,
            promised_date,
            told_amount,
            remark,
            decided_on
        from {{ ref("stg_decisions__follow_up") }}
        where follow_up_kind in ('dispute', 'promise')
    ),

    closed as (
        select dispute_id, min(decided_on) as closed_on
        from {{ ref("stg_decisions__follow_up") }}
        where follow_up_kind = 'settle_dispute'
        group by dispute_id
    ),

    keys as (
        select document_key
        from told
        union
        select document_key
        from decided
    ),

    documents as (
        select
            items.company_id,
            items.third_party_id,
            items.ledger_side,
            keys.document_key,
            min(items.document_ref) as document_ref
        from
            (
                select
                    company_id,
                    third_party_id,
                    ledger_side,
                    document_ref,
                    upper(trim(document_ref)) as document_key
                from {{ ref("int_items__posted") }}
                where original_amount > 0
            ) as items
        inner join keys on items.document_key = keys.document_key
        group by items.company_id, items.third_party_id, items.ledger_side, keys.document_key
    ),

    -- Whose the code may be: the code itself before the part of an account that stands for it.
    party_codes as (
        select company_id, kind, third_party_id, third_party_code as code, 0 as is_part
        from parties
        union all
        select company_id, kind, third_party_id, attribute_code as code, 1 as is_part
        from parties
        where attribute_code <> third_party_code
    ),

    named as (
        select
            told.company_id,
            told.row_id,
            party_codes.third_party_id,
            case when party_codes.kind = 'customer' then 'receivable' else 'payable' end as ledger_side,
            row_number() over (
                partition by told.company_id, told.row_id
                order by
                    case when party_codes.kind = 'customer' then 0 else 1 end,
                    party_codes.is_part,
                    party_codes.third_party_id
            ) as preference
        from told
        inner join
            party_codes
            on told.company_id = party_codes.company_id
            and told.third_party_code = party_codes.code
    ),

    found as (
        select
            told.company_id,
            told.row_id,
            documents.third_party_id,
            documents.ledger_side,
            documents.document_ref,
            case when told.third_party_code is null then 1 else named.preference end as preference,
            row_number() over (
                partition by told.company_id, told.row_id
                order by documents.ledger_side desc, named.preference, documents.third_party_id
            ) as place,
            count(*) over (partition by told.company_id, told.row_id, documents.ledger_side) as party_count
        from told
        inner join
            documents on told.company_id = documents.company_id and told.document_key = documents.document_key
        left join
            named
            on told.company_id = named.company_id
            and told.row_id = named.row_id
            and documents.third_party_id = named.third_party_id
        where told.third_party_code is null or named.third_party_id is not null
    ),

    resolved as (
        select
            told.*,
            coalesce(found.ledger_side, named.ledger_side, 'receivable') as ledger_side,
            coalesce(found.third_party_id, named.third_party_id) as third_party_id,
            coalesce(found.document_ref, told.document_number) as document_ref,
            case
                when told.document_key is null
                then named.third_party_id is not null
                else found.third_party_id is not null
            end as is_found,
            coalesce(found.third_party_id, named.third_party_id, told.third_party_code) as subject
        from told
        left join
            named
            on told.company_id = named.company_id
            and told.row_id = named.row_id
            and named.preference = 1
        left join
            found
            on told.company_id = found.company_id
            and told.row_id = found.row_id
            and found.place = 1
            and (told.third_party_code is not null or found.party_count = 1)
    ),

    ranked as (
        select
            *,
            min(file_day) over (
                partition by fact_kind, company_id, subject, document_key, told_on, promised_date
            ) as first_day,
            dense_rank() over (
                partition by fact_kind, company_id, subject, document_key, told_on, promised_date
                order by intake_number desc, modified_at desc, source_sha256
            ) as file_recency,
            row_number() over (
                partition by
                    fact_kind,
                    company_id,
                    subject,
                    document_key,
                    told_on,
                    promised_date,
                    source_sha256,
                    reason,
                    told_amount
                order by source_row desc
            ) as row_recency
        from resolved
    ),

    numbered as (
        select
            *,
            row_number() over (
                partition by fact_kind, company_id, subject, document_key, told_on, promised_date
                order by source_row
            ) as ordinal
        from ranked
        where file_recency = 1 and row_recency = 1
    ),

    both_sources as (
        select
            {{
                stable_id(
                    [
                        "fact_kind",
                        "company_id",
                        "subject",
                        "document_key",
                        "told_on",
                        "promised_date",
                        "ordinal",
                    ]
                )
            }} as fact_id,
            fact_kind,
            company_id,
            ledger_side,
            third_party_id,
            document_key,
            document_ref,
            cast(null as string) as item_id,
            third_party_code as named_party,
            coalesce(told_on, least(first_day, promised_date)) as told_on,
            promised_date,
            closed_on,
            reason,
            told_amount,
            is_found,
            'file' as source
        from numbered

        union all

        select
            decided.fact_id,
            decided.fact_kind,
            decided.company_id,
            case when parties.kind = 'supplier' then 'payable' else 'receivable' end as ledger_side,
            decided.third_party_id,
            case when decided.item_id is null then decided.document_key end as document_key,
            coalesce(items.document_ref, documents.document_ref, decided.document_ref) as document_ref,
            decided.item_id,
            decided.third_party_id as named_party,
            decided.decided_on as told_on,
            decided.promised_date,
            cast(null as date) as closed_on,
            decided.remark as reason,
            decided.told_amount,
            parties.third_party_id is not null
            and (decided.item_id is null or items.item_id is not null)
            and (
                decided.item_id is not null
                or decided.document_key is null
                or documents.document_key is not null
            ) as is_found,
            'decision' as source
        from decided
        left join
            parties
            on decided.third_party_id = parties.third_party_id
            and decided.company_id = parties.company_id
        left join
            {{ ref("int_items__posted") }} as items
            on decided.item_id = items.item_id
            and decided.third_party_id = items.third_party_id
        left join
            documents
            on decided.document_key = documents.document_key
            and decided.third_party_id = documents.third_party_id
            and decided.company_id = documents.company_id
    )

select
    both_sources.fact_id,
    both_sources.fact_kind,
    both_sources.company_id,
    both_sources.ledger_side,
    both_sources.third_party_id,
    both_sources.document_key,
    both_sources.document_ref,
    both_sources.item_id,
    both_sources.named_party,
    both_sources.told_on,
    both_sources.promised_date,
    case
        when least(both_sources.closed_on, closed.closed_on) <= context.as_of_date
        then least(both_sources.closed_on, closed.closed_on)
    end as closed_on,
    both_sources.reason,
    both_sources.told_amount,
    both_sources.is_found,
    both_sources.source
from both_sources
inner join context on both_sources.told_on <= context.as_of_date
left join closed on both_sources.fact_id = closed.dispute_id
