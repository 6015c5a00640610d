-- What paying late costs by law, per item and stretch of days with one principal and one rate. Interest
-- runs from the day after the due date to the day of the payment, both counted, on what was open the
-- evening before: neither in dispute at the as-of date, nor matched with a payment that is not lettered
-- yet. A year has 365 days; each row is to the nearest cent.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    roots as (
        select
            origins.ledger_line_id,
            coalesce(min(items.document_ref), min(origins.origin_line_id)) as root_document
        from {{ ref("int_items__origins") }} as origins
        inner join {{ ref("int_items__posted") }} as items on origins.origin_line_id = items.ledger_line_id
        group by origins.ledger_line_id
    ),

    -- The law is between professionals.
    consumers as (
        select third_parties.third_party_id
        from {{ ref("int_third_parties__listed") }} as third_parties
        inner join
            {{ source("settings", "consumer_segments") }} as segments
            on trim(third_parties.segment) = segments.segment
        where third_parties.kind = 'customer'
    ),

    items as (
        select
            items.item_id,
            items.company_id,
            items.ledger_side,
            items.third_party_id,
            items.document_ref,
            items.entry_date,
            items.due_date,
            items.item_type in ('invoice', 'opening') as is_the_document,
            concat_ws(
                '|',
                coalesce(items.third_party_id, items.company_id),
                coalesce(roots.root_document, items.document_ref, items.ledger_line_id)
            ) as document_id
        from {{ ref("int_items__posted") }} as items
        left join roots on items.ledger_line_id = roots.ledger_line_id
        left join {{ ref("int_behaviour__returns") }} as returns on items.item_id = returns.return_item_id
        left join consumers on items.third_party_id = consumers.third_party_id
        where
            items.original_amount > 0
            and items.due_date is not null
            and items.account_role not in ('customer_advance', 'supplier_advance')
            and consumers.third_party_id is null
            and (
                items.item_type in ('invoice', 'opening', 'transfer')
                -- Money paid back is no debt of who received it.
                or (items.item_type = 'payment' and returns.return_item_id is not null)
            )
    ),

    matched as (
        select
            solved.owed_item_id as item_id, solved.effective_date as event_date, sum(solved.amount) as amount
        from {{ ref("int_settlements__solved") }} as solved
        inner join context on solved.effective_date <= context.as_of_date
        where solved.status = 'matched' and solved.owed_item_id is not null
        group by solved.owed_item_id, solved.effective_date
    ),

    changes as (
        select
            item_id,
            valid_from_date as event_date,
            open_amount - coalesce(
                lag(open_amount) over (partition by item_id order by valid_from_date), 0
            ) as change_amount
        from {{ ref("int_items__balances") }}
        where item_id in (select item_id from matched)
        union all
        select item_id, event_date, - amount as change_amount
        from matched
    ),

    days as (
        select item_id, event_date, sum(change_amount) as change_amount
        from changes
        group by item_id, event_date
    ),

    balances as (
        select item_id, valid_from_date, valid_to_date, open_amount
        from {{ ref("int_items__balances") }}
        where item_id not in (select item_id from matched)
        union all
        select
            item_id,
            event_date as valid_from_date,
            {{ plus_days("lead(event_date) over (partition by item_id order by event_date)", -1) }}
            as valid_to_date,
            sum(change_amount) over (
                partition by item_id order by event_date rows between unbounded preceding and current row
            ) as open_amount
        from days
    ),

    disputed as (
        select item_id, sum(disputed_amount) as disputed_amount
        from {{ ref("int_follow_up__disputed_items") }}
        group by item_id
    ),

    -- What was open in the evening bears interest on the next day. What was left of a document on the day of
    -- its posting was so since its due date.
    owed as (
        select
            items.*,
            cast(
                balances.open_amount - coalesce(disputed.disputed_amount, 0) as decimal(18, 2)
            ) as principal_amount,
            {{
                plus_days(
                    "case when items.is_the_document and balances.valid_from_date = items.entry_date then items.due_date else greatest(balances.valid_from_date, items.due_date) end",
                    1,
                )
            }}
            as first_date,
            least(
                {{ plus_days("coalesce(balances.valid_to_date, context.as_of_date)", 1) }}, context.as_of_date
            ) as last_date,
            coalesce(balances.valid_to_date, date '9999-12-31') >= context.as_of_date as is_running
        from balances
        inner join items on balances.item_id = items.item_id
        inner join context on balances.valid_from_date <= context.as_of_date
        left join disputed on balances.item_id = disputed.item_id
        where balances.open_amount > coalesce(disputed.disputed_amount, 0)
    ),

    stretches as (
        select
            owed.*,
            greatest(owed.first_date, rates.from_date) as from_date,
            least(owed.last_date, rates.to_date) as to_date,
            rates.rate_kind,
            rates.rate_percent,
            rates.is_published,
            rates.fixed_compensation,
            rates.compensation_currency
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
            row_number() over (partition by document_id order by from_date, item_id) as place_in_document
        from stretches
    )

select
    counted.item_id,
    counted.from_date,
    counted.to_date,
    counted.company_id,
    counted.ledger_side,
    counted.third_party_id,
    counted.document_id,
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
        case
            when counted.place_in_document = 1 and companies.base_currency = counted.compensation_currency
            then counted.fixed_compensation
            else 0
        end as decimal(18, 2)
    ) as fixed_compensation,
    counted.is_running and counted.to_date = context.as_of_date as is_running,
    companies.base_currency
from counted
cross join context
left join {{ ref("int_companies__known") }} as companies on counted.company_id = companies.company_id
