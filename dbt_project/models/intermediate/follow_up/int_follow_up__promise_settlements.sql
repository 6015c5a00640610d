-- What keeps promises, whenever it happened: one row per promise and settlement after the day of the promise.
-- Payments of what was owed when it was made keep it: of its document, or of anything that the third party
-- owed then. What a credit note, a discount or an offset settles of the promised items need no longer be
-- paid. From its returned_date on a payment has kept nothing.
{{ config(materialized="table") }}

with
    promises as (select * from {{ ref("int_follow_up__facts") }} where fact_kind = 'promise' and is_found),

    promised_items as (select * from {{ ref("int_follow_up__promises") }}),

    payments as (
        select *
        from {{ ref("int_behaviour__payments") }}
        where third_party_id in (select third_party_id from promises)
    ),

    -- A bill moved to doubtful, or a payment that came back, is paid for what it carries on.
    paying as (
        select
            promised_items.promise_id,
            payments.settlement_id,
            payments.amount,
            payments.effective_date,
            payments.returned_date,
            payments.status
        from promised_items
        inner join
            payments
            on promised_items.item_id = payments.owed_item_id
            and promised_items.promised_on < payments.effective_date
        union
        select
            promises.fact_id,
            payments.settlement_id,
            payments.amount,
            payments.effective_date,
            payments.returned_date,
            payments.status
        from promises
        inner join
            payments
            on promises.third_party_id = payments.third_party_id
            and promises.ledger_side = payments.ledger_side
            and promises.told_on < payments.effective_date
        inner join
            {{ ref("int_items__posted") }} as items
            on payments.owed_item_id = items.item_id
            and promises.told_on >= items.entry_date
        where promises.document_key is null and promises.item_id is null
    ),

    other_settlements as (
        select *
        from {{ ref("fct_settlements") }}
        where status in ('booked', 'matched') and settlement_kind not in ('payment', 'transfer', 'return')
    ),

    releasing as (
        select
            promised_items.promise_id,
            released.settlement_id,
            released.amount,
            released.effective_date,
            released.status
        from promised_items
        inner join
            (
                select
                    settlement_id,
                    debit_item_id as item_id,
                    'receivable' as ledger_side,
                    amount,
                    effective_date,
                    status
                from other_settlements
                union all
                select settlement_id, credit_item_id, 'payable', amount, effective_date, status
                from other_settlements
            ) as released
            on promised_items.item_id = released.item_id
            and promised_items.ledger_side = released.ledger_side
            and promised_items.promised_on < released.effective_date
    )

select
    promise_id,
    settlement_id,
    effective_date,
    amount as paid_amount,
    cast(0 as decimal(18, 2)) as released_amount,
    returned_date,
    status = 'booked' as is_booked
from paying

union all

select
    promise_id,
    settlement_id,
    effective_date,
    cast(0 as decimal(18, 2)) as paid_amount,
    amount as released_amount,
    cast(null as date) as returned_date,
    status = 'booked' as is_booked
from releasing
