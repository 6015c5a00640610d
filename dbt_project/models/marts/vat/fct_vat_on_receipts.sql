-- VAT that became due because money came: on services (article 269-2-c of the Code général des impôts), for
-- invoices whose own entry holds VAT due on receipt, and on deposits, for what is claimed against a
-- customer's advance. Each receipt takes its share of the VAT of the entry, by what had come until then, so
-- that the shares add up to the cent, and to no more than it; a payment that comes back gives its share
-- back. A bill or a doubtful
-- account carries the invoice on: its payment is the invoice's.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    taxed as (
        select
            items.item_id,
            items.company_id,
            items.third_party_id,
            items.document_ref,
            entries.entry_key,
            entries.claimed_amount,
            case
                when entries.counterpart_role = 'customer_advance' then 'deposit' else 'service'
            end as basis,
            case
                when entries.counterpart_role = 'customer_advance'
                then case when entries.output_vat_amount > 0 then entries.output_vat_amount end
                else entries.unpaid_vat_amount
            end as entry_vat_amount
        from {{ ref("int_items__posted") }} as items
        left join {{ ref("int_items__origins") }} as origins on items.ledger_line_id = origins.ledger_line_id
        inner join
            {{ ref("int_ledger__entry_counterparts") }} as entries
            on coalesce(origins.origin_line_id, items.ledger_line_id) = entries.ledger_line_id
        where
            items.ledger_side = 'receivable'
            and items.original_amount > 0
            and items.account_role <> 'customer_advance'
            and entries.claimed_amount > 0
            and (entries.unpaid_vat_amount > 0 or entries.counterpart_role = 'customer_advance')
    ),

    receipts as (
        select settlement_id, owed_item_id, amount, effective_date, returned_date, status
        from {{ ref("int_behaviour__payments") }}
        where ledger_side = 'receivable'
        union all
        select
            settlement_id,
            owed_item_id,
            amount,
            effective_date,
            cast(null as date) as returned_date,
            'booked' as status
        from {{ ref("int_items__settlements") }}
        where settlement_kind = 'offset' and ledger_side = 'receivable'
    ),

    events as (
        select
            settlement_id, owed_item_id, status, 'receipt' as event_kind, effective_date as event_date, amount
        from receipts
        union all
        select settlement_id, owed_item_id, status, 'return', returned_date, - amount
        from receipts
        where returned_date is not null
    ),

    running as (
        select
            events.*,
            taxed.*,
            sum(events.amount) over (
                partition by taxed.entry_key
                order by events.event_date, events.event_kind, events.settlement_id
                rows between unbounded preceding and current row
            ) as received_amount
        from events
        inner join context on events.event_date <= context.as_of_date
        inner join taxed on events.owed_item_id = taxed.item_id
    )

select
    running.settlement_id,
    running.item_id,
    running.company_id,
    running.third_party_id,
    running.document_ref,
    running.basis,
    running.event_kind,
    running.event_date,
    last_day(running.event_date) as month_end_date,
    running.amount as receipt_amount,
    cast(
        {{
            share_of(
                "running.entry_vat_amount",
                "least(greatest(running.received_amount, 0), running.claimed_amount)",
                "running.claimed_amount",
            )
        }}
        - {{
            share_of(
                "running.entry_vat_amount",
                "least(greatest(running.received_amount - running.amount, 0), running.claimed_amount)",
                "running.claimed_amount",
            )
        }} as decimal(18, 2)
    ) as vat_amount,
    running.status,
    companies.base_currency
from running
left join {{ ref("int_companies__known") }} as companies on running.company_id = companies.company_id
