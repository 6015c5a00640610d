-- Invoices whose term, or whose payment, goes beyond the longest that article L441-10 I of the Code de
-- commerce allows: 60 days from the invoice, or 45 days and the end of the month, counted in the order that
-- gives the later day. What is beyond that is beyond every lawful agreement.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    invoices as (
        select
            items.item_id,
            items.company_id,
            items.ledger_side,
            items.third_party_id,
            items.document_ref,
            items.document_date,
            items.due_date,
            items.due_date_source,
            items.original_amount,
            case when items.settled_date <= context.as_of_date then items.settled_date end as settled_date,
            items.base_currency,
            greatest(
                {{ plus_days("items.document_date", 60) }},
                last_day({{ plus_days("items.document_date", 45) }}),
                {{ plus_days("last_day(items.document_date)", 45) }}
            ) as latest_lawful_date
        from {{ ref("fct_items") }} as items
        inner join context on items.entry_date <= context.as_of_date
        where items.item_type = 'invoice' and items.original_amount > 0 and items.document_date is not null
    ),

    measured as (
        select
            invoices.*,
            case
                when
                    invoices.due_date_source in ('ledger', 'invoice', 'terms')
                    and invoices.due_date > invoices.latest_lawful_date
                then {{ days_between("invoices.latest_lawful_date", "invoices.due_date") }}
                else 0
            end as term_days_over,
            greatest(
                {{
                    days_between(
                        "invoices.latest_lawful_date",
                        "coalesce(invoices.settled_date, context.as_of_date)",
                    )
                }},
                0
            ) as payment_days_over
        from invoices
        cross join context
    )

select
    item_id,
    company_id,
    ledger_side,
    third_party_id,
    document_ref,
    document_date,
    due_date,
    latest_lawful_date,
    settled_date,
    case
        when term_days_over > 0 and payment_days_over > 0
        then 'term_and_payment'
        when term_days_over > 0
        then 'term'
        else 'payment'
    end as breach_kind,
    term_days_over,
    payment_days_over,
    original_amount,
    base_currency
from measured
where term_days_over > 0 or payment_days_over > 0
