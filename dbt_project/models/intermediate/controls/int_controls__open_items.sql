-- Open items = balance of their control account at the as-of date, per account; buckets = open items;
-- original = settled + open; nothing settles more than an item. The account's balance comes straight from
-- the ledger's lines: those of the last fiscal year that opened with its own opening entries, and of the
-- years after it.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    lines as (
        select
            lines.company_id,
            lines.account_code,
            lines.ledger_side,
            lines.fiscal_year_end_date,
            lines.is_restatement,
            lines.fiscal_year_start_date,
            lines.debit,
            lines.credit
        from {{ ref("int_ledger__lines_identified") }} as lines
        cross join context
        -- Opening entries speak of the year's first day, whenever they are dated.
        where
            lines.entry_date <= context.as_of_date
            or (lines.is_restatement and lines.fiscal_year_start_date <= context.as_of_date)
    ),

    base_years as (
        select company_id, max(fiscal_year_end_date) as fiscal_year_end_date
        from {{ ref("int_ledger__lines_identified") }}
        cross join context
        where opens_later_year and fiscal_year_start_date <= context.as_of_date
        group by company_id
    ),

    balances as (
        select
            lines.company_id,
            lines.account_code,
            sum(
                case
                    when lines.ledger_side = 'payable'
                    then lines.credit - lines.debit
                    else lines.debit - lines.credit
                end
            ) as balance
        from lines
        left join base_years on lines.company_id = base_years.company_id
        where
            lines.ledger_side is not null
            and lines.fiscal_year_end_date >= coalesce(base_years.fiscal_year_end_date, date '1900-01-01')
        group by lines.company_id, lines.account_code
    ),

    items as (select * from {{ ref("int_items__posted") }}),

    at_dates as (select * from {{ ref("int_ageing__items_at_dates") }} where is_own_date),

    open_by_account as (
        select items.company_id, items.account_code, sum(at_dates.open_amount) as open_amount
        from at_dates
        inner join items on at_dates.item_id = items.item_id
        group by items.company_id, items.account_code
    ),

    accounts as (
        select company_id, account_code
        from balances
        union
        select company_id, account_code
        from open_by_account
    ),

    open_by_side as (
        select company_id, ledger_side, sum(open_amount) as open_amount
        from at_dates
        group by company_id, ledger_side
    ),

    aged_by_side as (
        select aged.company_id, aged.ledger_side, sum(aged.open_amount) as open_amount
        from {{ ref("fct_ageing_snapshots") }} as aged
        cross join context
        inner join
            {{ source("settings", "ageing_buckets") }} as buckets
            on aged.ageing_bucket_code = buckets.ageing_bucket_code
        where
            aged.as_of_date = context.as_of_date
            and aged.run_id = (select run_id from {{ source("run", "context") }})
        group by aged.company_id, aged.ledger_side
    ),

    pivoted_by_side as (
        select company_id, ledger_side, sum(total_amount) as open_amount
        from {{ ref("mart_aged_balance") }}
        group by company_id, ledger_side
    ),

    item_limits as (
        select
            items.company_id,
            count(*) as item_count,
            sum(
                case
                    when
                        sign(items.original_amount) * balances.open_amount
                        between 0 and abs(items.original_amount)
                        and items.original_amount = balances.settled_amount + balances.open_amount
                    then 1
                    else 0
                end
            ) as right_count
        from {{ ref("int_items__balances") }} as balances
        inner join items on balances.item_id = items.item_id
        group by items.company_id
    )

select
    accounts.company_id,
    'open_items_equal_control_account' as control_name,
    accounts.account_code as subject,
    coalesce(balances.balance, 0) as expected,
    coalesce(open_by_account.open_amount, 0) as actual,
    true as is_blocking
from accounts
left join
    balances on accounts.company_id = balances.company_id and accounts.account_code = balances.account_code
left join
    open_by_account
    on accounts.company_id = open_by_account.company_id
    and accounts.account_code = open_by_account.account_code

union all

select
    open_by_side.company_id,
    'buckets_equal_open_items',
    open_by_side.ledger_side,
    open_by_side.open_amount,
    coalesce(aged_by_side.open_amount, 0),
    true
from open_by_side
left join
    aged_by_side
    on open_by_side.company_id = aged_by_side.company_id
    and open_by_side.ledger_side = aged_by_side.ledger_side

union all

select
    open_by_side.company_id,
    'aged_balance_equals_open_items',
    open_by_side.ledger_side,
    open_by_side.open_amount,
    coalesce(pivoted_by_side.open_amount, 0),
    true
from open_by_side
left join
    pivoted_by_side
    on open_by_side.company_id = pivoted_by_side.company_id
    and open_by_side.ledger_side = pivoted_by_side.ledger_side

union all

select company_id, 'settled_never_above_item', 'item balances', item_count, right_count, true
from item_limits
