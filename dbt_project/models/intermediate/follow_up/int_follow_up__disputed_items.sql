-- What is in dispute at the as-of date, by dispute and item: the dispute's amount spread over what is still
-- open of its document, what falls due first before; without an amount, all of it.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    disputes as (select * from {{ ref("int_follow_up__disputes") }} where closed_on is null),

    open_items as (
        select item_id, open_amount
        from {{ ref("int_ageing__items_at_dates") }}
        where is_own_date and open_amount > 0
    ),

    spread as (
        select
            disputes.dispute_id,
            context.as_of_date,
            disputes.item_id,
            disputes.company_id,
            disputes.ledger_side,
            disputes.third_party_id,
            disputes.opened_on,
            disputes.reason,
            open_items.open_amount,
            least(
                open_items.open_amount,
                coalesce(disputes.whole_disputed_amount, open_items.open_amount) + case
                    when disputes.whole_disputed_amount is null
                    then 0
                    else
                        open_items.open_amount - sum(open_items.open_amount) over (
                            partition by disputes.dispute_id
                            order by coalesce(disputes.due_date, date '1000-01-01'), disputes.item_id
                            rows between unbounded preceding and current row
                        )
                end
            ) as disputed_amount
        from disputes
        inner join open_items on disputes.item_id = open_items.item_id
        cross join context
    )

select
    dispute_id,
    as_of_date,
    item_id,
    company_id,
    ledger_side,
    third_party_id,
    opened_on,
    reason,
    open_amount,
    cast(disputed_amount as decimal(18, 2)) as disputed_amount
from spread
where disputed_amount > 0
