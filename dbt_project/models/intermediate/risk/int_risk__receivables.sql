-- What customers owe at the run's own date once what is matched is counted, item by item, with the line
-- where it began and what it is without VAT: less the share of the VAT lines in the entry of that line.
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
            open_items.days_past_due,
            open_items.ageing_bucket_code,
            open_items.status
        from open_items
        inner join {{ ref("int_items__posted") }} as items on open_items.item_id = items.item_id
        left join {{ ref("int_items__origins") }} as origins on items.ledger_line_id = origins.ledger_line_id
        where items.account_role in ('customer', 'customer_bill', 'customer_doubtful')
    ),

    lines as (
        select
            ledger_line_id,
            company_id,
            fiscal_year_end_date,
            coalesce(journal_code, '') as journal_code,
            coalesce(entry_number, '') as entry_number,
            entry_date,
            coalesce(document_ref, '') as document_ref,
            account_role,
            ledger_side,
            balance_amount
        from {{ ref("int_ledger__lines_identified") }}
        where not is_opening
    ),

    roots as (select * from lines where ledger_line_id in (select root_line_id from items)),

    taxed as (
        select
            roots.ledger_line_id,
            sum(
                case
                    when lines.account_role in ('vat', 'vat_output', 'vat_output_unpaid')
                    then - lines.balance_amount
                    else 0
                end
            ) as vat_amount,
            sum(
                case when lines.ledger_side = 'receivable' then lines.balance_amount else 0 end
            ) as gross_amount
        from roots
        inner join
            lines
            on roots.company_id = lines.company_id
            and roots.fiscal_year_end_date = lines.fiscal_year_end_date
            and roots.journal_code = lines.journal_code
            and roots.entry_number = lines.entry_number
            and roots.entry_date = lines.entry_date
            and roots.document_ref = lines.document_ref
        group by roots.ledger_line_id
    )

select
    items.*,
    cast(
        items.projected_open_amount - case
            when taxed.vat_amount > 0 and taxed.vat_amount < taxed.gross_amount
            then {{ share_of("items.projected_open_amount", "taxed.vat_amount", "taxed.gross_amount") }}
            else 0
        end as decimal(18, 2)
    ) as amount_excluding_vat
from items
left join taxed on items.root_line_id = taxed.ledger_line_id
