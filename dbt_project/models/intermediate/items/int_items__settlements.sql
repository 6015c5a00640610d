-- The replayed settlements with the items on both sides: what is owed, and what settles it. What a payment
-- brought beyond the invoice by another rate is no payment of anything.
with
    replayed as (select * from {{ ref("int_lettering__settlements_replayed") }}),

    items as (select * from {{ ref("int_items__posted") }}),

    letters as (
        select ledger_line_id, letter_code
        from {{ ref("int_ledger__lines_identified") }}
        where letter_code is not null
    )

select
    {{ stable_id(["replayed.owed_item_id", "replayed.settling_item_id"]) }} as settlement_id,
    owed.company_id,
    owed.ledger_side,
    owed.third_party_id,
    replayed.owed_item_id,
    replayed.settling_item_id,
    owed.document_ref as owed_document_ref,
    settling.document_ref as settling_document_ref,
    owed.entry_number as owed_entry_number,
    settling.entry_number as settling_entry_number,
    cast(cast(replayed.amount as decimal(18, 0)) * cast(0.01 as decimal(3, 2)) as decimal(18, 2)) as amount,
    replayed.effective_date,
    case
        when owed.item_type = 'payment' and settling.settlement_kind = 'payment'
        then 'return'
        when owed.settlement_kind = 'exchange'
        then 'exchange'
        else settling.settlement_kind
    end as settlement_kind,
    coalesce(settling_letters.letter_code, owed_letters.letter_code) as letter_code,
    case
        when
            settling.settlement_kind = 'payment'
            and owed.item_type <> 'payment'
            and owed.settlement_kind <> 'exchange'
            and coalesce(owed.due_date_source, '') <> 'opening'
        then {{ days_between("owed.document_date", "settling.entry_date") }}
    end as days_to_pay
from replayed
inner join items as owed on replayed.owed_item_id = owed.item_id
inner join items as settling on replayed.settling_item_id = settling.item_id
left join letters as owed_letters on owed.ledger_line_id = owed_letters.ledger_line_id
left join letters as settling_letters on settling.ledger_line_id = settling_letters.ledger_line_id
