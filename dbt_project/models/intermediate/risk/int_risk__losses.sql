-- What became, a year later, of what customers owed at each month-end that is a year old, by customer and
-- age band. Lost is what is still open then of the document, on whatever account it is carried on, and what
-- was written off in between; never more than there was. A document of several items is paid in the order
-- in which they fall due: the last is lost first. What is matched with a payment of the time was paid.
with
    roots as (
        select
            items.item_id,
            items.third_party_id,
            coalesce(items.due_date, date '1000-01-01') as due_date,
            coalesce(origins.origin_line_id, items.ledger_line_id) as root_line_id
        from {{ ref("int_items__posted") }} as items
        left join {{ ref("int_items__origins") }} as origins on items.ledger_line_id = origins.ledger_line_id
        where
            items.ledger_side = 'receivable'
            and items.original_amount > 0
            and items.account_role in ('customer', 'customer_bill', 'customer_doubtful')
    ),

    dates as (
        select seen.as_of_date, later.as_of_date as later_date
        from {{ ref("int_ageing__dates") }} as seen
        inner join
            {{ ref("int_ageing__dates") }} as later
            on later.as_of_date = last_day({{ plus_months("seen.as_of_date", 12) }})
        where seen.as_of_date = last_day(seen.as_of_date)
    ),

    days as (
        select as_of_date
        from dates
        union
        select later_date as as_of_date
        from dates
    ),

    open_in_books as (
        select
            at_dates.as_of_date,
            at_dates.company_id,
            at_dates.item_id,
            at_dates.ageing_bucket_code,
            at_dates.open_amount,
            roots.third_party_id,
            roots.due_date,
            roots.root_line_id
        from {{ ref("int_ageing__items_at_dates") }} as at_dates
        inner join days on at_dates.as_of_date = days.as_of_date
        inner join roots on at_dates.item_id = roots.item_id
        where at_dates.open_amount > 0
    ),

    matched_by as (
        select open_in_books.as_of_date, open_in_books.item_id, sum(solved.amount) as amount
        from {{ ref("int_settlements__solved") }} as solved
        inner join
            open_in_books
            on solved.owed_item_id = open_in_books.item_id
            and solved.effective_date <= open_in_books.as_of_date
        where solved.status = 'matched'
        group by open_in_books.as_of_date, open_in_books.item_id
    ),

    open_items as (
        select
            open_in_books.as_of_date,
            open_in_books.company_id,
            open_in_books.item_id,
            open_in_books.third_party_id,
            open_in_books.ageing_bucket_code,
            open_in_books.due_date,
            open_in_books.root_line_id,
            open_in_books.open_amount - coalesce(matched_by.amount, 0) as open_amount
        from open_in_books
        left join
            matched_by
            on open_in_books.as_of_date = matched_by.as_of_date
            and open_in_books.item_id = matched_by.item_id
        where open_in_books.open_amount > coalesce(matched_by.amount, 0)
    ),

    not_paid as (
        select dates.as_of_date, open_items.root_line_id, open_items.open_amount as amount
        from open_items
        inner join dates on open_items.as_of_date = dates.later_date
        union all
        select dates.as_of_date, roots.root_line_id, settlements.amount
        from {{ ref("int_items__settlements") }} as settlements
        inner join roots on settlements.owed_item_id = roots.item_id
        inner join
            dates
            on settlements.effective_date > dates.as_of_date
            and settlements.effective_date <= dates.later_date
        where settlements.settlement_kind = 'write_off'
    ),

    lost_roots as (
        select as_of_date, root_line_id, sum(amount) as amount from not_paid group by as_of_date, root_line_id
    ),

    spread as (
        select
            seen.company_id,
            seen.third_party_id,
            seen.ageing_bucket_code,
            seen.open_amount,
            lost_roots.amount
            + seen.open_amount
            - sum(seen.open_amount) over (
                partition by seen.as_of_date, seen.root_line_id
                order by seen.due_date desc, seen.item_id desc
                rows between unbounded preceding and current row
            ) as left_amount
        from open_items as seen
        inner join
            lost_roots
            on seen.as_of_date = lost_roots.as_of_date
            and seen.root_line_id = lost_roots.root_line_id
    ),

    lost as (
        select
            company_id,
            third_party_id,
            ageing_bucket_code,
            sum(greatest(least(open_amount, left_amount), 0)) as lost_amount
        from spread
        group by company_id, third_party_id, ageing_bucket_code
    ),

    observed as (
        select
            seen.company_id,
            seen.third_party_id,
            seen.ageing_bucket_code,
            count(*) as item_count,
            sum(seen.open_amount) as observed_amount
        from open_items as seen
        inner join dates on seen.as_of_date = dates.as_of_date
        group by seen.company_id, seen.third_party_id, seen.ageing_bucket_code
    )

select
    observed.company_id,
    observed.third_party_id,
    observed.ageing_bucket_code,
    observed.item_count,
    cast(observed.observed_amount as decimal(18, 2)) as observed_amount,
    cast(coalesce(lost.lost_amount, 0) as decimal(18, 2)) as lost_amount
from observed
left join
    lost
    on observed.third_party_id = lost.third_party_id
    and observed.ageing_bucket_code = lost.ageing_bucket_code
    and observed.company_id = lost.company_id
