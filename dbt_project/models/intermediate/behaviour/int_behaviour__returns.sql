-- Payments that came back: the item that owes again, and the payment that it takes back whole. Told by the
-- same document, else by the item that the payment had settled and that the return carries on, else by the
-- lettering or a match of the two. Money paid back in part, or with no payment of its amount, is a refund.
with
    items as (select * from {{ ref("int_items__posted") }}),

    origins as (select * from {{ ref("int_items__origins") }}),

    returns as (
        select
            items.item_id,
            items.ledger_side,
            items.third_party_id,
            items.company_id,
            items.document_ref,
            items.entry_date,
            items.original_amount,
            origins.origin_line_id
        from items
        left join origins on items.ledger_line_id = origins.ledger_line_id
        where items.item_type = 'payment' and items.original_amount > 0
    ),

    payments as (
        select item_id, third_party_id, document_ref, entry_date, - original_amount as amount
        from items
        where item_type = 'payment' and original_amount < 0
    ),

    settlements as (
        select owed_item_id, settling_item_id, settlement_kind
        from {{ ref("int_items__settlements") }}
        where settlement_kind in ('payment', 'return')
        union all
        select owed_item_id, settling_item_id, settlement_kind
        from {{ ref("int_settlements__solved") }}
        where status = 'matched' and settlement_kind in ('payment', 'return')
    ),

    candidates as (
        select returns.item_id as return_item_id, payments.item_id as payment_item_id, 1 as preference
        from returns
        inner join
            payments
            on returns.third_party_id = payments.third_party_id
            and returns.document_ref = payments.document_ref
        union all
        select owed_item_id as return_item_id, settling_item_id as payment_item_id, 3 as preference
        from settlements
        where settlement_kind = 'return'
        union all
        select
            returns.item_id as return_item_id,
            settlements.settling_item_id as payment_item_id,
            2 as preference
        from returns
        inner join
            (
                select items.item_id, coalesce(origins.origin_line_id, items.ledger_line_id) as origin_line_id
                from items
                left join origins on items.ledger_line_id = origins.ledger_line_id
                where items.item_type <> 'payment' and items.original_amount > 0
            ) as owed
            on returns.origin_line_id = owed.origin_line_id
        inner join settlements on owed.item_id = settlements.owed_item_id
        where settlements.settlement_kind = 'payment'
    ),

    pairs as (
        select return_item_id, payment_item_id, min(preference) as preference
        from candidates
        group by return_item_id, payment_item_id
    ),

    ranked as (
        select
            returns.item_id as return_item_id,
            payments.item_id as payment_item_id,
            returns.company_id,
            returns.ledger_side,
            returns.third_party_id,
            returns.entry_date as returned_date,
            returns.original_amount as amount,
            row_number() over (
                partition by returns.item_id
                order by pairs.preference, payments.entry_date desc, payments.item_id
            ) as payment_choice,
            row_number() over (
                partition by payments.item_id order by returns.entry_date, pairs.preference, returns.item_id
            ) as return_choice
        from pairs
        inner join returns on pairs.return_item_id = returns.item_id
        inner join payments on pairs.payment_item_id = payments.item_id
        where payments.amount = returns.original_amount and payments.entry_date <= returns.entry_date
    ),

    -- Of equal payments the first that comes back is the last that was made, the second the one before it.
    chosen as (
        select
            *,
            min(payment_choice) over (partition by return_item_id) as first_choice_of_return,
            min(payment_choice) over (partition by payment_item_id) as first_choice_of_payment
        from ranked
        where payment_choice = return_choice
    )

select return_item_id, payment_item_id, company_id, ledger_side, third_party_id, returned_date, amount
from chosen
where payment_choice = first_choice_of_return and payment_choice = first_choice_of_payment
