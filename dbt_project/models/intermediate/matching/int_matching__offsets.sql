-- Lines of one side that undo each other, among those that nothing else matches: a bank line and its
-- reversal or return; a ledger line and its void. Each is the only one for the other, in the same
-- account, within the window.
with
    settings as (select * from {{ source("settings", "matching") }}),

    matched as (
        select object_id
        from {{ ref("int_matching__found") }}
        where use = 'bank' and match_status = 'matched'
        union
        select object_id
        from {{ ref("int_receipts__found") }}
        where side = 'payment' and match_status = 'matched'
    ),

    lines as (
        select
            'payment' as side,
            payments.payment_id as object_id,
            payments.pool_id,
            payments.amount,
            payments.day,
            transactions.is_reversal
            or transactions.return_reason is not null
            or {{
                matches(
                    "payments.reference_text",
                    "'(^| )(REJET|RETOUR|ANNUL[A-Z]*|EXTOURNE|CONTREPASSATION|RETURN|REVERSAL|REFUND)( |$)'",
                )
            }} as is_undoing,
            coalesce(transactions.counterparty_name, transactions.end_to_end_id, '') as sameness
        from {{ ref("int_matching__payments") }} as payments
        inner join
            {{ ref("int_bank__transactions") }} as transactions
            on payments.payment_id = transactions.bank_transaction_id
        where payments.use = 'bank'
        union all
        select
            'document' as side,
            documents.document_id as object_id,
            documents.pool_id,
            documents.amount,
            documents.day,
            true as is_undoing,
            coalesce(lines.document_ref, '') as sameness
        from {{ ref("int_matching__documents") }} as documents
        inner join
            {{ ref("int_ledger__lines_identified") }} as lines on documents.document_id = lines.ledger_line_id
        where documents.use = 'bank' and lines.document_ref is not null
    ),

    left_over as (
        select * from lines where not exists (select 1 from matched where matched.object_id = lines.object_id)
    ),

    pairs as (
        select
            first_line.side,
            first_line.object_id as first_id,
            undoing.object_id as undoing_id,
            first_line.amount
        from left_over as first_line
        inner join
            left_over as undoing
            on first_line.side = undoing.side
            and first_line.pool_id = undoing.pool_id
            and first_line.amount = - undoing.amount
            and first_line.sameness = undoing.sameness
            and undoing.is_undoing
        cross join settings
        where
            {{ days_between("first_line.day", "undoing.day") }} between 0 and settings.days_after
            and first_line.object_id <> undoing.object_id
            -- On one day the line that undoes comes second; of two that could, the negative one.
            and (undoing.day > first_line.day or not first_line.is_undoing or first_line.amount > 0)
            and not exists (
                select 1
                from {{ ref("int_decisions__pairs") }} as decisions
                where
                    decisions.verdict = 'rejected'
                    and (
                        (
                            decisions.payment_id = first_line.object_id
                            and decisions.document_id = undoing.object_id
                        )
                        or (
                            decisions.payment_id = undoing.object_id
                            and decisions.document_id = first_line.object_id
                        )
                    )
            )
    ),

    -- Of three lines that could undo each other nobody knows which two do.
    appearances as (
        select side, object_id, count(*) as pair_count
        from
            (
                select side, first_id as object_id
                from pairs
                union all
                select side, undoing_id
                from pairs
            ) as told
        group by side, object_id
    ),

    alone as (
        select pairs.*
        from pairs
        inner join
            appearances as firsts
            on pairs.side = firsts.side
            and pairs.first_id = firsts.object_id
            and firsts.pair_count = 1
        inner join
            appearances as undoings
            on pairs.side = undoings.side
            and pairs.undoing_id = undoings.object_id
            and undoings.pair_count = 1
    )

select side, first_id as object_id, concat_ws('|', 'offset', first_id, undoing_id) as group_key, amount
from alone

union all

select side, undoing_id as object_id, concat_ws('|', 'offset', first_id, undoing_id), - amount
from alone
