-- Items open at each of those dates: posted by then, less what settled them by then. What is owed is aged
-- by its due date; what waits to be applied, and every advance, stands apart; so does what nobody can
-- date.
with
    balances as (select * from {{ ref("int_items__balances") }} where open_amount <> 0),

    items as (select * from {{ ref("int_items__posted") }}),

    open_items as (
        select
            dates.as_of_date,
            dates.is_own_date,
            items.item_id,
            items.company_id,
            items.ledger_side,
            items.third_party_id,
            items.currency_code,
            balances.open_amount,
            balances.settled_amount,
            case
                when
                    balances.open_amount < 0 or items.account_role in ('customer_advance', 'supplier_advance')
                then 'unapplied'
                when items.due_date is null
                then 'undated'
            end as standing_apart,
            {{ days_between("items.due_date", "dates.as_of_date") }} as days_since_due
        from balances
        inner join
            {{ ref("int_ageing__dates") }} as dates
            on balances.valid_from_date <= dates.as_of_date
            and coalesce(balances.valid_to_date, date '9999-12-31') >= dates.as_of_date
        inner join items on balances.item_id = items.item_id
    ),

    buckets as (
        select *
        from {{ source("settings", "ageing_buckets") }}
        where ageing_bucket_code not in ('unapplied', 'undated')
    )

select
    open_items.as_of_date,
    open_items.is_own_date,
    open_items.item_id,
    open_items.company_id,
    open_items.ledger_side,
    open_items.third_party_id,
    open_items.currency_code,
    open_items.open_amount,
    open_items.settled_amount,
    case when open_items.standing_apart is null then open_items.days_since_due end as days_past_due,
    coalesce(open_items.standing_apart, buckets.ageing_bucket_code) as ageing_bucket_code,
    case
        when open_items.standing_apart is not null
        then open_items.standing_apart
        when open_items.days_since_due > 0
        then 'overdue'
        else 'not_due'
    end as status
from open_items
left join
    buckets
    on open_items.standing_apart is null
    and open_items.days_since_due >= coalesce(buckets.from_days, -2147483648)
    and open_items.days_since_due <= coalesce(buckets.to_days, 2147483647)
