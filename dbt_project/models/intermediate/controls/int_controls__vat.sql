-- VAT due on receipt that became due until the last month-end, and what the books moved out of its account
-- by then. Books are often a month behind, and deposits may be taxed elsewhere: it never blocks.
with
    cut_off as (
        select
            case
                when as_of_date = last_day(as_of_date)
                then as_of_date
                else last_day({{ plus_months("as_of_date", -1) }})
            end as cut_off_date
        from {{ source("run", "context") }}
    ),

    charged as (
        select company_id, sum(unpaid_vat_amount) as amount
        from
            (
                select distinct lines.company_id, entries.entry_key, entries.unpaid_vat_amount
                from {{ ref("int_items__lines_typed") }} as lines
                inner join
                    {{ ref("int_ledger__entry_counterparts") }} as entries
                    on lines.ledger_line_id = entries.ledger_line_id
                inner join cut_off on lines.entry_date <= cut_off.cut_off_date
                where entries.unpaid_vat_amount <> 0
            ) as entries_charged
        group by company_id
    ),

    moved as (
        select lines.company_id, sum(- lines.balance_amount) as amount
        from {{ ref("int_ledger__lines_identified") }} as lines
        inner join cut_off on lines.entry_date <= cut_off.cut_off_date
        where lines.account_role = 'vat_output_unpaid' and not lines.is_opening
        group by lines.company_id
    ),

    due as (
        select receipts.company_id, sum(receipts.vat_amount) as amount
        from {{ ref("fct_vat_on_receipts") }} as receipts
        inner join cut_off on receipts.event_date <= cut_off.cut_off_date
        where receipts.basis = 'service' and receipts.status = 'booked'
        group by receipts.company_id
    )

select
    charged.company_id,
    'vat_on_receipts_moved' as control_name,
    'VAT due on receipt' as subject,
    coalesce(due.amount, 0) as expected,
    charged.amount - coalesce(moved.amount, 0) as actual,
    false as is_blocking
from charged
left join moved on charged.company_id = moved.company_id
left join due on charged.company_id = due.company_id
