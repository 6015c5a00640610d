-- What became, a year later, of what customers owed at each month-end that is a year old, by customer and
-- age band. Lost is what is still open then, on whatever account it is carried on, and what was written off
-- in between; never more than there was. What is matched with a payment of the time was paid.
with
    roots as (
        select
            items.item_id,
            items.third_party_id,
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

    matched as (
        select roots.root_line_id, solved.effective_date, sum(solved.amount) as amount
        from {{ ref("int_settlements__solved") }} as solved
        inner join roots on solved.owed_item_id = roots.item_id
        where solved.status = 'matched'
        group by roots.root_line_id, solved.effective_date
    ),

    open_in_books as (
        select
            at_dates.as_of_date,
            roots.root_line_id,
            max(at_dates.company_id) as company_id,
            max(roots.third_party_id) as third_party_id,
            max(at_dates.ageing_bucket_code) as ageing_bucket_code,
            sum(at_dates.open_amount) as open_amount
        from {{ ref("int_ageing__items_at_dates") }} as at_dates
        inner join roots on at_dates.item_id = roots.item_id
        where at_dates.open_amount > 0
        group by at_dates.as_of_date, roots.root_line_id
    ),

    matched_by as (
        select open_in_books.as_of_date, open_in_books.root_line_id, sum(matched.amount) as amount
        from open_in_books
        inner join
            matched
            on open_in_books.root_line_id = matched.root_line_id
            and matched.effective_date <= open_in_books.as_of_date
        group by open_in_books.as_of_date, open_in_books.root_line_id
    ),

    open_roots as (
        select
            open_in_books.as_of_date,
            open_in_books.root_line_id,
            open_in_books.company_id,
            open_in_books.third_party_id,
            open_in_books.ageing_bucket_code,
            open_in_books.open_amount - coalesce(matched_by.amount, 0) as open_amount
        from open_in_books
        left join
            matched_by
            on open_in_books.as_of_date = matched_by.as_of_date
            and open_in_books.root_line_id = matched_by.root_line_id
        where open_in_books.open_amount > coalesce(matched_by.amount, 0)
    ),

    written_off as (
        select roots.root_line_id, settlements.effective_date, sum(settlements.amount) as amount
        from {{ ref("int_items__settlements") }} as settlements
        inner join roots on settlements.owed_item_id = roots.item_id
        where settlements.settlement_kind = 'write_off'
        group by roots.root_line_id, settlements.effective_date
    ),

    written_off_by as (
        select seen.as_of_date, seen.root_line_id, sum(written_off.amount) as amount
        from open_roots as seen
        inner join dates on seen.as_of_date = dates.as_of_date
        inner join
            written_off
            on seen.root_line_id = written_off.root_line_id
            and written_off.effective_date > seen.as_of_date
            and written_off.effective_date <= dates.later_date
        group by seen.as_of_date, seen.root_line_id
    )

select
    seen.company_id,
    seen.third_party_id,
    seen.ageing_bucket_code,
    count(*) as item_count,
    cast(sum(seen.open_amount) as decimal(18, 2)) as observed_amount,
    cast(
        sum(
            least(seen.open_amount, coalesce(later.open_amount, 0) + coalesce(written_off_by.amount, 0))
        ) as decimal(18, 2)
    ) as lost_amount
from open_roots as seen
inner join dates on seen.as_of_date = dates.as_of_date
left join
    open_roots as later on dates.later_date = later.as_of_date and seen.root_line_id = later.root_line_id
left join
    written_off_by
    on seen.as_of_date = written_off_by.as_of_date
    and seen.root_line_id = written_off_by.root_line_id
group by seen.company_id, seen.third_party_id, seen.ageing_bucket_code
