-- How items left what is open, whole or in part: by a payment, or by anything else (a credit note, a
-- transfer, a write-off), which ends the wait without telling how long a payment would have taken. Amounts
-- are in minor units.
{{ config(materialized="table") }}

with
    payments as (
        select
            settlement_id,
            owed_item_id as item_id,
            effective_date as exit_date,
            amount,
            status = 'booked' as is_booked,
            returned_date
        from {{ ref("int_behaviour__payments") }}
        where ledger_side = 'receivable'
    ),

    settlements as (
        select settlement_id, owed_item_id as item_id, effective_date as exit_date, amount, true as is_booked
        from {{ ref("int_items__settlements") }}
        where ledger_side = 'receivable'
        union all
        select settlement_id, owed_item_id as item_id, effective_date as exit_date, amount, false as is_booked
        from {{ ref("int_settlements__solved") }}
        where ledger_side = 'receivable' and status = 'matched' and owed_item_id is not null
    )

select
    item_id, exit_date, cast(amount * 100 as bigint) as amount, true as is_payment, is_booked, returned_date
from payments

union all

select
    item_id,
    exit_date,
    cast(amount * 100 as bigint) as amount,
    false as is_payment,
    is_booked,
    cast(null as date) as returned_date
from settlements
where settlement_id not in (select settlement_id from payments)
