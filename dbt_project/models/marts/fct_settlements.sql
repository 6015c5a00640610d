-- Which credit settled which debit: as the books say it, and as the matching found it. A receivable is a
-- debit, a payable a credit.
with
    settlements as (
        select
            settlement_id,
            cast(null as string) as match_id,
            company_id,
            ledger_side,
            third_party_id,
            owed_item_id,
            settling_item_id,
            owed_document_ref,
            settling_document_ref,
            owed_entry_number,
            settling_entry_number,
            amount,
            effective_date,
            settlement_kind,
            'lettering' as source,
            'booked' as status,
            letter_code,
            'lettering' as match_rule,
            cast(1 as decimal(5, 4)) as match_score,
            days_to_pay,
            cast(null as string) as bank_transaction_id
        from {{ ref("int_items__settlements") }}
        union all
        select
            settlement_id,
            match_id,
            company_id,
            ledger_side,
            third_party_id,
            owed_item_id,
            settling_item_id,
            owed_document_ref,
            settling_document_ref,
            owed_entry_number,
            settling_entry_number,
            amount,
            effective_date,
            settlement_kind,
            source,
            status,
            cast(null as string) as letter_code,
            match_rule,
            match_score,
            days_to_pay,
            bank_transaction_id
        from {{ ref("int_settlements__solved") }}
    )

select
    settlement_id,
    company_id,
    third_party_id,
    case when ledger_side = 'receivable' then owed_item_id else settling_item_id end as debit_item_id,
    case when ledger_side = 'receivable' then settling_item_id else owed_item_id end as credit_item_id,
    case
        when ledger_side = 'receivable' then owed_document_ref else settling_document_ref
    end as debit_document_ref,
    case
        when ledger_side = 'receivable' then settling_document_ref else owed_document_ref
    end as credit_document_ref,
    case
        when ledger_side = 'receivable' then owed_entry_number else settling_entry_number
    end as debit_entry_number,
    case
        when ledger_side = 'receivable' then settling_entry_number else owed_entry_number
    end as credit_entry_number,
    amount,
    effective_date,
    settlement_kind,
    source,
    status,
    letter_code,
    match_rule,
    match_score,
    days_to_pay,
    bank_transaction_id,
    match_id
from settlements
