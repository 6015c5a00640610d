-- Each statement beside the one before it, where the two do not overlap: there it must open where that
-- one closed. Two that share a boundary day overlap only when both show a movement of that day.
with
    statements as (select * from {{ ref("int_bank__statements_chained") }}),

    movements as (
        select distinct company_id, account_number, currency_code, statement_order, booking_date, line_key
        from {{ ref("int_bank__transactions_counted") }}
    ),

    shown_twice as (
        select distinct
            later.company_id,
            later.account_number,
            later.currency_code,
            later.statement_order,
            later.booking_date
        from movements as later
        inner join
            movements as earlier
            on later.line_key = earlier.line_key
            and later.company_id = earlier.company_id
            and later.account_number = earlier.account_number
            and later.statement_order = earlier.statement_order + 1
    )

select
    statements.company_id,
    statements.account_number,
    statements.account_currency,
    statements.from_date,
    statements.opening_balance,
    statements.previous_to_date,
    statements.previous_closing_balance
from statements
left join
    shown_twice
    on statements.company_id = shown_twice.company_id
    and statements.account_number = shown_twice.account_number
    and coalesce(statements.account_currency, shown_twice.currency_code) = shown_twice.currency_code
    and statements.statement_order = shown_twice.statement_order
    and statements.from_date = shown_twice.booking_date
where
    statements.opening_balance is not null
    and statements.previous_closing_balance is not null
    and (
        statements.from_date > statements.previous_to_date
        or (statements.from_date = statements.previous_to_date and shown_twice.company_id is null)
    )
