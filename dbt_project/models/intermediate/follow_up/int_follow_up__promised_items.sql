-- What is promised at the as-of date and not yet paid, one row per item: the promise in force that was made
-- last. What was settled of the item since then was settled of the promise first.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    open_items as (
        select item_id, open_amount
        from {{ ref("int_ageing__items_at_dates") }}
        where is_own_date and open_amount > 0
    ),

    in_force as (
        select
            promises.promise_id,
            context.as_of_date,
            promises.item_id,
            promises.company_id,
            promises.ledger_side,
            promises.third_party_id,
            promises.promised_on,
            promises.promised_date,
            least(
                open_items.open_amount,
                promises.promised_amount - (promises.owed_amount - open_items.open_amount)
            ) as promised_amount
        from {{ ref("int_follow_up__promises") }} as promises
        inner join open_items on promises.item_id = open_items.item_id
        inner join context on promises.promised_date >= context.as_of_date
    ),

    ranked as (
        select
            *,
            row_number() over (
                partition by item_id order by promised_on desc, promised_date desc, promise_id
            ) as recency
        from in_force
        where promised_amount > 0
    )

select
    promise_id,
    as_of_date,
    item_id,
    company_id,
    ledger_side,
    third_party_id,
    promised_on,
    promised_date,
    cast(promised_amount as decimal(18, 2)) as promised_amount
from ranked
where recency = 1
