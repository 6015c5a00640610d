-- For an item that carries another one on, the item that it comes from. A transfer (411 to 416 or 413)
-- carries on what the other leg of its entry settles; a returned payment carries on the invoice of its own
-- document, else what the payment of its document had settled. Followed to the root, so that a bill moved
-- to doubtful keeps the invoice's dates.
with recursive
    lines as (select * from {{ ref("int_items__lines_typed") }}),

    groups as (select * from {{ ref("int_lettering__groups") }}),

    carried as (select * from lines where side_amount > 0 and item_type in ('transfer', 'payment')),

    moved as (
        select carried.ledger_line_id, other_leg.ledger_line_id as moved_line_id
        from carried
        inner join
            lines as other_leg
            on carried.entry_key = other_leg.entry_key
            and carried.third_party_id = other_leg.third_party_id
            and other_leg.side_amount < 0
            and (
                other_leg.side_amount = - carried.side_amount
                or coalesce(other_leg.document_ref, '') = coalesce(carried.document_ref, '')
            )
        where carried.item_type = 'transfer'
        union
        select carried.ledger_line_id, payment.ledger_line_id as moved_line_id
        from carried
        inner join
            lines as payment
            on carried.third_party_id = payment.third_party_id
            and carried.document_ref = payment.document_ref
            and payment.item_type = 'payment'
            and payment.side_amount < 0
            and payment.entry_date <= carried.entry_date
        where carried.item_type = 'payment'
    ),

    group_partners as (
        select
            moved.ledger_line_id,
            partners.ledger_line_id as partner_line_id,
            partners.is_restatement,
            partners.side_amount,
            partners.document_ref,
            partners.entry_date
        from moved
        inner join groups as own on moved.moved_line_id = own.ledger_line_id
        inner join groups as theirs on own.lettering_group = theirs.lettering_group
        inner join
            {{ ref("int_ledger__lines_identified") }} as partners
            on theirs.ledger_line_id = partners.ledger_line_id
        where partners.side_amount > 0 and partners.ledger_line_id <> moved.ledger_line_id
    ),

    wanted_documents as (
        select ledger_line_id, document_ref
        from group_partners
        where is_restatement and document_ref is not null
        union
        select moved.ledger_line_id, lines.document_ref
        from moved
        inner join lines on moved.moved_line_id = lines.ledger_line_id
        where lines.document_ref is not null
        union
        select ledger_line_id, document_ref
        from carried
        where document_ref is not null
    ),

    candidates as (
        select ledger_line_id, partner_line_id as origin_line_id, 2 as preference
        from group_partners
        where not is_restatement
        union all
        select
            wanted_documents.ledger_line_id,
            lines.ledger_line_id as origin_line_id,
            case when carried.item_type = 'payment' then 1 else 3 end as preference
        from wanted_documents
        inner join carried on wanted_documents.ledger_line_id = carried.ledger_line_id
        inner join
            lines
            on carried.third_party_id = lines.third_party_id
            and wanted_documents.document_ref = lines.document_ref
            and lines.side_amount > 0
            and lines.entry_date <= carried.entry_date
            and lines.ledger_line_id <> carried.ledger_line_id
            and lines.item_type in ('invoice', 'opening', 'other', 'transfer')
    ),

    ranked as (
        select
            candidates.ledger_line_id,
            candidates.origin_line_id,
            row_number() over (
                partition by candidates.ledger_line_id
                order by
                    candidates.preference,
                    case when origins.side_amount = carried.side_amount then 0 else 1 end,
                    case when origins.document_ref = carried.document_ref then 0 else 1 end,
                    origins.entry_date,
                    candidates.origin_line_id
            ) as choice
        from candidates
        inner join carried on candidates.ledger_line_id = carried.ledger_line_id
        inner join lines as origins on candidates.origin_line_id = origins.ledger_line_id
        where origins.entry_date <= carried.entry_date
    ),

    links as (select ledger_line_id, origin_line_id from ranked where choice = 1),

    -- A bound of ten transfers guards against two lines that name each other.
    followed as (
        select ledger_line_id, origin_line_id, 1 as steps
        from links
        union all
        select followed.ledger_line_id, links.origin_line_id, followed.steps + 1 as steps
        from followed
        inner join links on followed.origin_line_id = links.ledger_line_id
        where followed.steps < 10
    ),

    deepest as (select ledger_line_id, max(steps) as steps from followed group by ledger_line_id)

select followed.ledger_line_id, followed.origin_line_id
from followed
inner join deepest on followed.ledger_line_id = deepest.ledger_line_id and followed.steps = deepest.steps
