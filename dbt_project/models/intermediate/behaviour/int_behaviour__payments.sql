-- What was paid of what was owed, and when: one row per settlement by a payment, in the books or matched.
-- Transfers, offsets, credit notes, discounts and write-offs are no payments. A payment posted after another
-- came back pays what that left owed. A bill given to the bank before it is due is paid when it is due: until
-- then the money is the bank's.
with
    items as (
        select
            item_id,
            item_type,
            account_role,
            entry_date,
            document_date,
            due_date,
            coalesce(due_date_source, '') = 'opening' as is_undated
        from {{ ref("int_items__posted") }}
    ),

    settlements as (
        select
            settlement_id,
            company_id,
            ledger_side,
            third_party_id,
            owed_item_id,
            settling_item_id,
            cast(null as string) as bank_transaction_id,
            amount,
            effective_date,
            settlement_kind,
            'booked' as status
        from {{ ref("int_items__settlements") }}
        union all
        select
            settlement_id,
            company_id,
            ledger_side,
            third_party_id,
            owed_item_id,
            settling_item_id,
            bank_transaction_id,
            amount,
            effective_date,
            settlement_kind,
            status
        from {{ ref("int_settlements__solved") }}
        where status = 'matched'
    ),

    dated as (
        select
            settlements.settlement_id,
            settlements.company_id,
            settlements.ledger_side,
            settlements.third_party_id,
            settlements.owed_item_id,
            settlements.settling_item_id,
            case when not owed.is_undated then owed.document_date end as document_date,
            owed.due_date,
            case
                when owed.account_role = 'customer_bill'
                then
                    greatest(
                        coalesce(paying.entry_date, receipts.booking_date, settlements.effective_date),
                        coalesce(owed.due_date, settlements.effective_date)
                    )
                else coalesce(paying.entry_date, receipts.booking_date, settlements.effective_date)
            end as paid_date,
            settlements.effective_date,
            settlements.amount,
            settlements.status
        from settlements
        inner join items as owed on settlements.owed_item_id = owed.item_id
        left join items as paying on settlements.settling_item_id = paying.item_id
        left join
            {{ ref("int_bank__transactions") }} as receipts
            on settlements.bank_transaction_id = receipts.bank_transaction_id
        left join
            {{ ref("int_behaviour__returns") }} as undone
            on settlements.owed_item_id = undone.return_item_id
            and settlements.settling_item_id = undone.payment_item_id
        where
            settlements.settlement_kind = 'payment'
            or (
                settlements.settlement_kind = 'return'
                and coalesce(paying.entry_date, receipts.booking_date) >= owed.entry_date
                and undone.return_item_id is null
            )
    )

select
    dated.settlement_id,
    dated.company_id,
    dated.ledger_side,
    dated.third_party_id,
    dated.owed_item_id,
    dated.settling_item_id,
    dated.document_date,
    dated.due_date,
    dated.paid_date,
    greatest(dated.effective_date, dated.paid_date) as effective_date,
    dated.amount,
    {{ days_between("dated.document_date", "dated.paid_date") }} as days_to_pay,
    {{ days_between("dated.due_date", "dated.paid_date") }} as days_late,
    returns.returned_date,
    dated.status
from dated
left join {{ ref("int_behaviour__returns") }} as returns on dated.settling_item_id = returns.payment_item_id
