-- What each dispute or promise is about, one row per fact and item: the items of its document, or all that
-- the third party owed on the day of the promise (without an amount, what of it falls due by the promised
-- date), and what carries them on later (a transfer to doubtful, a returned payment). The fact's amount is
-- spread over what was open at the end of that day, what falls due first before; an item of the document
-- that is posted later comes after those, whole.
with
    facts as (select * from {{ ref("int_follow_up__facts") }} where is_found),

    context as (select as_of_date from {{ source("run", "context") }}),

    items as (
        select
            posted.item_id,
            posted.third_party_id,
            posted.ledger_side,
            upper(trim(posted.document_ref)) as document_key,
            posted.document_ref,
            posted.entry_date,
            posted.due_date,
            posted.original_amount,
            posted.item_type,
            coalesce(origins.origin_line_id, posted.ledger_line_id) as root_line_id
        from {{ ref("int_items__posted") }} as posted
        inner join context on posted.entry_date <= context.as_of_date
        left join {{ ref("int_items__origins") }} as origins on posted.ledger_line_id = origins.ledger_line_id
        where
            posted.original_amount > 0
            and posted.account_role not in ('customer_advance', 'supplier_advance')
            and posted.third_party_id in (select third_party_id from facts)
    ),

    balances as (
        select
            item_id, valid_from_date, coalesce(valid_to_date, date '9999-12-31') as valid_to_date, open_amount
        from {{ ref("int_items__balances") }}
        where item_id in (select item_id from items)
    ),

    about as (
        select
            facts.fact_id,
            facts.told_on,
            facts.told_amount,
            items.*,
            items.entry_date > facts.told_on as is_later
        from facts
        inner join
            items
            on facts.third_party_id = items.third_party_id
            and facts.ledger_side = items.ledger_side
            and (facts.document_key = items.document_key or facts.item_id = items.item_id)
        where items.entry_date <= facts.told_on or items.item_type in ('invoice', 'opening', 'other')

        union all

        select facts.fact_id, facts.told_on, facts.told_amount, items.*, false as is_later
        from facts
        inner join
            items
            on facts.third_party_id = items.third_party_id
            and facts.ledger_side = items.ledger_side
            and items.entry_date <= facts.told_on
        where
            facts.document_key is null
            and facts.item_id is null
            and (
                facts.told_amount is not null
                or coalesce(items.due_date, facts.promised_date) <= facts.promised_date
            )
    ),

    owed as (
        select
            about.*,
            cast(
                case
                    when about.is_later then about.original_amount else greatest(balances.open_amount, 0)
                end as decimal(18, 2)
            ) as owed_amount
        from about
        left join
            balances
            on about.item_id = balances.item_id
            and about.told_on between balances.valid_from_date and balances.valid_to_date
    ),

    spread as (
        select
            fact_id,
            item_id,
            root_line_id,
            entry_date,
            due_date,
            document_ref,
            false as is_carried_on,
            owed_amount,
            cast(
                case
                    when told_amount is null
                    then owed_amount
                    else
                        greatest(
                            least(
                                owed_amount,
                                told_amount
                                + owed_amount
                                - sum(owed_amount) over (
                                    partition by fact_id
                                    order by
                                        is_later,
                                        case when is_later then entry_date end,
                                        coalesce(due_date, date '1000-01-01'),
                                        item_id
                                    rows between unbounded preceding and current row
                                )
                            ),
                            0
                        )
                end as decimal(18, 2)
            ) as amount
        from owed
    ),

    kept as (
        select spread.*
        from spread
        inner join facts on spread.fact_id = facts.fact_id
        where facts.document_key is not null or facts.item_id is not null or spread.amount > 0
    ),

    carried_on as (
        select
            kept.fact_id,
            items.item_id,
            items.entry_date,
            items.due_date,
            items.document_ref,
            items.original_amount as owed_amount,
            cast(
                case
                    when facts.fact_kind = 'dispute' and facts.told_amount is null
                    then items.original_amount
                    else least(sum(kept.amount), items.original_amount)
                end as decimal(18, 2)
            ) as amount
        from kept
        inner join items on kept.root_line_id = items.root_line_id and kept.entry_date <= items.entry_date
        inner join facts on kept.fact_id = facts.fact_id
        where items.entry_date > facts.told_on and items.item_type in ('transfer', 'payment')
        group by
            kept.fact_id,
            facts.fact_kind,
            facts.told_amount,
            items.item_id,
            items.entry_date,
            items.due_date,
            items.document_ref,
            items.original_amount
    ),

    both_kinds as (
        select fact_id, item_id, entry_date, due_date, document_ref, is_carried_on, owed_amount, amount
        from kept
        union all
        select fact_id, item_id, entry_date, due_date, document_ref, true, owed_amount, amount
        from carried_on
    )

select
    facts.fact_id,
    facts.fact_kind,
    both_kinds.item_id,
    facts.company_id,
    facts.ledger_side,
    facts.third_party_id,
    both_kinds.document_ref,
    facts.told_on,
    facts.promised_date,
    facts.closed_on,
    facts.reason,
    facts.told_amount,
    both_kinds.entry_date,
    both_kinds.due_date,
    both_kinds.is_carried_on,
    both_kinds.owed_amount,
    both_kinds.amount
from both_kinds
inner join facts on both_kinds.fact_id = facts.fact_id
