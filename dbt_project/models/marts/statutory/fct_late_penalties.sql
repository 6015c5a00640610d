-- What paying late costs by law, per item and stretch of days with one principal and one rate. Interest
-- runs from the day after the due date to the day of the payment, both counted, on what was open the
-- evening before; a year has 365 days; each row is to the nearest cent.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    items as (
        select item_id, company_id, ledger_side, third_party_id, document_ref, due_date
        from {{ ref("int_items__posted") }}
        where
            original_amount > 0
            and due_date is not null
            and item_type in ('invoice', 'opening', 'transfer', 'payment')
            and account_role not in ('customer_advance', 'supplier_advance')
    ),

    -- What was open in the evening bears interest on the next day.
    owed as (
        select
            items.*,
            balances.open_amount as principal_amount,
            {{ plus_days("greatest(balances.valid_from_date, items.due_date)", 1) }} as first_date,
            least(
                {{ plus_days("coalesce(balances.valid_to_date, context.as_of_date)", 1) }}, context.as_of_date
            ) as last_date,
            coalesce(balances.valid_to_date, date '9999-12-31') >= context.as_of_date as is_running
        from {{ ref("int_items__balances") }} as balances
        inner join items on balances.item_id = items.item_id
        cross join context
        where balances.open_amount > 0
    ),

    stretches as (
        select
            owed.*,
            greatest(owed.first_date, rates.from_date) as from_date,
            least(owed.last_date, rates.to_date) as to_date,
            rates.rate_kind,
            rates.rate_percent,
            rates.is_published,
            rates.fixed_compensation
        from owed
        inner join
            {{ ref("int_statutory__penalty_rates") }} as rates
            on owed.first_date <= rates.to_date
            and owed.last_date >= rates.from_date
        where owed.last_date >= owed.first_date
    ),

    counted as (
        select
            *,
            {{ days_between("from_date", "to_date") }} + 1 as days,
            row_number() over (
                partition by third_party_id, ledger_side, coalesce(document_ref, item_id)
                order by from_date, item_id
            ) as place_in_document
        from stretches
    )

select
    counted.item_id,
    counted.from_date,
    counted.to_date,
    counted.company_id,
    counted.ledger_side,
    counted.third_party_id,
    counted.document_ref,
    counted.due_date,
    counted.days,
    counted.principal_amount,
    counted.rate_kind,
    counted.rate_percent,
    counted.is_published as is_rate_published,
    {{ share_of("counted.principal_amount", "counted.rate_percent * counted.days", "36500") }}
    as penalty_amount,
    cast(
        case when counted.place_in_document = 1 then counted.fixed_compensation else 0 end as decimal(18, 2)
    ) as fixed_compensation,
    counted.is_running and counted.to_date = context.as_of_date as is_running,
    companies.base_currency
from counted
cross join context
left join {{ ref("int_companies__known") }} as companies on counted.company_id = companies.company_id
