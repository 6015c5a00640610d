-- Statement arithmetic (opening + movements = closing), continuity (each statement opens where the last
-- one closed), and agreement of overlapping files on the days that both show. All faults of the input:
-- none blocks.
with
    statements as (select * from {{ ref("int_bank__statements_chained") }}),

    days_shown as (
        select company_id, account_number, line_key, booking_date, chain_number, count(*) as shown
        from {{ ref("int_bank__transactions_counted") }}
        where chain_number is not null
        group by company_id, account_number, line_key, booking_date, chain_number
    ),

    chain_periods as (
        select company_id, account_number, chain_number, min(from_date) as from_date, max(to_date) as to_date
        from statements
        group by company_id, account_number, chain_number
    ),

    -- What each chain that covers a day shows of each movement of that day, none included.
    seen_by_chain as (
        select
            keys.company_id,
            keys.account_number,
            keys.booking_date,
            keys.line_key,
            chain_periods.chain_number,
            coalesce(days_shown.shown, 0) as shown
        from (select distinct company_id, account_number, booking_date, line_key from days_shown) as keys
        inner join
            chain_periods
            on keys.company_id = chain_periods.company_id
            and keys.account_number = chain_periods.account_number
            and keys.booking_date between chain_periods.from_date and chain_periods.to_date
        left join
            days_shown
            on keys.line_key = days_shown.line_key
            and chain_periods.chain_number = days_shown.chain_number
    ),

    spread as (
        select
            company_id,
            account_number,
            booking_date,
            line_key,
            max(shown) as most,
            min(shown) as least,
            count(*) as chains
        from seen_by_chain
        group by company_id, account_number, booking_date, line_key
    )

select
    company_id,
    'statement_arithmetic' as control_name,
    concat(account_number, ' ', coalesce(statement_reference, ''), ' ', cast(to_date as string)) as subject,
    closing_balance as expected,
    opening_balance + entry_total as actual,
    false as is_blocking
from statements
where opening_balance is not null and closing_balance is not null

union all

select
    company_id,
    'statement_continuity',
    concat(account_number, ' ', coalesce(account_currency, ''), ' ', coalesce(cast(from_date as string), '')),
    previous_closing_balance,
    opening_balance,
    false
from {{ ref("int_bank__statement_joints") }}

union all

select
    company_id,
    'overlapping_statements_agree',
    concat(account_number, ' ', cast(booking_date as string)),
    sum(most),
    sum(least),
    false
from spread
where chains > 1
group by company_id, account_number, booking_date
