-- Ledger lines beside the instalments of their document: one row per item that the line becomes. A line
-- whose document has several instalments that add up to it becomes as many items; a line that is an
-- instalment already takes the due date of the instalment of its amount; otherwise the first due date
-- holds. What other lines the document has is no matter: they may come later, and change nothing then.
with
    lines as (
        select
            lines.ledger_line_id,
            lines.company_id,
            lines.third_party_kind,
            lines.third_party_code,
            lines.side_amount,
            lines.source_row,
            lines.document_key,
            row_number() over (
                partition by lines.company_id, lines.third_party_id, lines.document_key, lines.side_amount
                order by lines.entry_date, lines.due_date, lines.source_row
            ) as rank_in_amount
        from
            (
                select typed.*, upper(trim(typed.document_ref)) as document_key, identified.third_party_code
                from {{ ref("int_items__lines_typed") }} as typed
                inner join
                    {{ ref("int_ledger__lines_identified") }} as identified
                    on typed.ledger_line_id = identified.ledger_line_id
                where
                    typed.side_amount > 0
                    and typed.document_ref is not null
                    and typed.item_type in ('invoice', 'opening', 'other')
            ) as lines
    ),

    invoices as (select * from {{ ref("int_items__invoice_terms") }}),

    parties as (
        select third_party_id, company_id, kind, third_party_code, attribute_code
        from {{ ref("int_third_parties__listed") }}
    ),

    -- The document of the same third party, else the one that names none.
    documents as (
        select
            lines.ledger_line_id,
            invoices.third_party_code as invoice_party_code,
            row_number() over (
                partition by lines.ledger_line_id
                order by
                    case when invoices.third_party_code is null then 1 else 0 end, invoices.third_party_code
            ) as preference
        from lines
        inner join
            parties
            on lines.company_id = parties.company_id
            and lines.third_party_kind = parties.kind
            and lines.third_party_code = parties.third_party_code
        inner join
            invoices
            on lines.company_id = invoices.company_id
            and lines.third_party_kind = invoices.kind
            and lines.document_key = invoices.document_key
            and invoices.instalment_number = 1
            and (
                invoices.third_party_code is null
                or invoices.third_party_code = lines.third_party_code
                or invoices.third_party_code = parties.attribute_code
            )
    ),

    beside as (
        select
            lines.ledger_line_id,
            lines.side_amount,
            lines.rank_in_amount as line_rank,
            invoices.*,
            invoices.instalment_count > 1
            and invoices.has_every_amount
            and invoices.document_amount = lines.side_amount as is_split
        from lines
        inner join documents on lines.ledger_line_id = documents.ledger_line_id and documents.preference = 1
        inner join
            invoices
            on lines.company_id = invoices.company_id
            and lines.third_party_kind = invoices.kind
            and lines.document_key = invoices.document_key
            and coalesce(invoices.third_party_code, '') = coalesce(documents.invoice_party_code, '')
    ),

    whole as (
        select
            ledger_line_id,
            max(first_due_date) as first_due_date,
            max(document_amount) as document_amount,
            max(instalment_count) as instalment_count,
            max(
                case when total_amount = side_amount and rank_in_amount = line_rank then due_date end
            ) as own_due_date
        from beside
        where not is_split
        group by ledger_line_id
    )

select
    ledger_line_id,
    instalment_number,
    cast(total_amount as decimal(18, 2)) as instalment_amount,
    due_date,
    document_amount,
    instalment_count
from beside
where is_split

union all

select
    ledger_line_id,
    cast(null as bigint) as instalment_number,
    cast(null as decimal(18, 2)) as instalment_amount,
    coalesce(own_due_date, first_due_date) as due_date,
    document_amount,
    instalment_count
from whole
