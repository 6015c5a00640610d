-- The pairs that decisions speak of, with what their ids are: together that says what the match is for. A
-- payment stands first, whichever way round the reviewer wrote it.
with
    decided as (
        select *
        from {{ ref("int_decisions__listed") }}
        where decision in ('accept', 'match', 'reject') and not is_forgotten
    ),

    named as (
        select object_id
        from decided
        union
        select counterpart_id
        from decided
    ),

    -- An item that is a whole ledger line has the line's id: it is the item that is meant.
    found as (
        select bank_transaction_id as found_id, company_id, 'bank_transaction' as kind, 1 as preference
        from {{ ref("int_bank__transactions") }}
        union all
        select
            item_id,
            company_id,
            case when original_amount < 0 then 'credit_item' else 'item' end as kind,
            2 as preference
        from {{ ref("int_items__posted") }}
        union all
        select ledger_line_id, company_id, 'ledger_line' as kind, 3 as preference
        from {{ ref("int_ledger__lines_identified") }}
    ),

    objects as (
        select found_id, company_id, kind
        from
            (
                select
                    found.found_id,
                    found.company_id,
                    found.kind,
                    row_number() over (partition by found.found_id order by found.preference) as position
                from found
                inner join named on found.found_id = named.object_id
            ) as numbered
        where position = 1
    ),

    described as (
        select
            decided.*,
            objects.kind as object_kind,
            counterparts.kind as counterpart_kind,
            objects.kind in ('item', 'ledger_line')
            and counterparts.kind in ('bank_transaction', 'credit_item')
            or objects.kind = 'credit_item'
            and counterparts.kind = 'bank_transaction' as is_turned
        from decided
        left join objects on decided.object_id = objects.found_id and decided.company_id = objects.company_id
        left join
            objects as counterparts
            on decided.counterpart_id = counterparts.found_id
            and decided.company_id = counterparts.company_id
    )

select
    {{ stable_id(["company_id", "decision_ref", "decision = 'reject'"]) }} as decision_id,
    company_id,
    decision_ref,
    case when decision = 'reject' then 'rejected' else 'accepted' end as verdict,
    case when is_turned then counterpart_id else object_id end as payment_id,
    case when is_turned then object_id else counterpart_id end as document_id,
    case
        -- Lines of one side that undo each other are found, and may be kept apart; they are not made to.
        when object_kind = counterpart_kind and object_kind <> 'credit_item' and decision <> 'reject'
        then null
        when object_kind in ('item', 'credit_item') and counterpart_kind in ('item', 'credit_item')
        then 'lettering'
        when
            object_kind in ('bank_transaction', 'ledger_line')
            and counterpart_kind in ('bank_transaction', 'ledger_line')
        then 'bank'
        when
            object_kind in ('bank_transaction', 'item', 'credit_item')
            and counterpart_kind in ('bank_transaction', 'item', 'credit_item')
        then 'receipt'
    end as use,
    case
        when object_kind is null then object_id when counterpart_kind is null then counterpart_id
    end as missing_id,
    decided_amount,
    decided_by,
    decided_on,
    decision_comment,
    decision_order
from described
