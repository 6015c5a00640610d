-- Indicators, exposure, provision matrix and table of unpaid invoices = the open items of the run's own
-- date, per company; of the first three, of what the books say whose it is.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    items as (
        select
            open_items.company_id,
            open_items.ledger_side,
            open_items.third_party_id,
            open_items.item_type,
            open_items.open_amount,
            open_items.projected_open_amount,
            open_items.status,
            items.account_role
        from {{ ref("fct_open_items") }} as open_items
        inner join {{ ref("int_items__posted") }} as items on open_items.item_id = items.item_id
    ),

    customers as (
        select *
        from items
        where
            account_role in ('customer', 'customer_bill', 'customer_doubtful') and third_party_id is not null
    ),

    disclosed as (
        select
            table_rows.company_id,
            table_rows.ledger_side,
            table_rows.amount + table_rows.disputed_amount as amount
        from {{ ref("fct_payment_terms_disclosure") }} as table_rows
        inner join context on table_rows.closing_date = context.as_of_date
        where table_rows.lateness_band <> 'late_total'
    ),

    sides as (
        select
            company_id,
            'indicators_equal_open_items' as control_name,
            'receivable' as subject,
            open_amount as expected,
            0 as actual
        from customers
        where account_role <> 'customer_doubtful'
        union all
        select kpis.company_id, 'indicators_equal_open_items', 'receivable', 0, kpis.outstanding_amount
        from {{ ref("fct_receivable_kpis") }} as kpis
        inner join context on kpis.as_of_date = context.as_of_date
        where kpis.level = 'company'
        union all
        select company_id, 'exposure_equals_open_items', 'receivable', projected_open_amount, 0
        from customers
        union all
        select
            company_id,
            'exposure_equals_open_items',
            'receivable',
            0,
            receivable_amount + bill_amount + unapplied_amount
        from {{ ref("fct_credit_exposure") }}
        union all
        select company_id, 'provision_matrix_equals_open_items', 'receivable', projected_open_amount, 0
        from customers
        where projected_open_amount > 0 and status in ('not_due', 'overdue')
        union all
        select company_id, 'provision_matrix_equals_open_items', 'receivable', 0, open_amount
        from {{ ref("fct_provision_matrix") }}
        union all
        select company_id, 'unpaid_invoices_equal_open_items', ledger_side, open_amount, 0
        from items
        where
            open_amount > 0
            and item_type in ('invoice', 'opening', 'transfer', 'payment')
            and account_role not in ('customer_advance', 'supplier_advance')
            and company_id in (select company_id from disclosed)
        union all
        select company_id, 'unpaid_invoices_equal_open_items', ledger_side, 0, amount
        from disclosed
    )

select
    company_id, control_name, subject, sum(expected) as expected, sum(actual) as actual, true as is_blocking
from sides
group by company_id, control_name, subject
