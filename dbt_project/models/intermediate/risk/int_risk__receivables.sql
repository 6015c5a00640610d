-- What customers owe at the run's own date once what is matched is counted, item by item, with the line
-- where it began and what it is without VAT: less the share of the VAT that the entry of that line charges.
-- Of openings and entries without VAT nothing is taken off.
with
    open_items as (
        select *
        from {{ ref("fct_open_items") }}
        where ledger_side = 'receivable' and projected_open_amount > 0
    ),

    items as (
        select
            open_items.as_of_date,
            items.item_id,
            items.company_id,
            items.third_party_id,
            items.account_role,
            items.is_doubtful,
            items.document_ref,
            items.document_date,
            items.due_date,
            coalesce(origins.origin_line_id, items.ledger_line_id) as root_line_id,
            open_items.open_amount,
            open_items.projected_open_amount,
            least(open_items.disputed_amount, open_items.projected_open_amount) as disputed_amount,
            open_items.days_past_due,
            open_items.ageing_bucket_code,
            open_items.status
        from open_items
        inner join {{ ref("int_items__posted") }} as items on open_items.item_id = items.item_id
        left join {{ ref("int_items__origins") }} as origins on items.ledger_line_id = origins.ledger_line_id
        where items.account_role in ('customer', 'customer_bill', 'customer_doubtful')
    )

select
    items.*,
    cast(
        items.projected_open_amount - case
            when entries.output_vat_amount > 0 and entries.output_vat_amount < entries.claimed_amount
            then
                {{
                    share_of(
                        "items.projected_open_amount", "entries.output_vat_amount", "entries.claimed_amount"
                    )
                }}
            else 0
        end as decimal(18, 2)
    ) as amount_excluding_vat
from items
left join
    {{ ref("int_ledger__entry_counterparts") }} as entries on items.root_line_id = entries.ledger_line_id
