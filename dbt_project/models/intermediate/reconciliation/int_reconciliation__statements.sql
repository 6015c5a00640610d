-- Statements that tell their account's balance, each beside the one before it that reaches
-- furthest. What one balance of a statement lacks follows from the other and its lines. Statements
-- within the days of others add nothing to the balance and are left out.
with
    own_lines as (
        select statement_id, min(booking_date) as first_booking_date, sum(amount) as line_total
        from {{ ref("int_bank__lines_keyed") }}
        where statement_kind = 'statement'
        group by statement_id
    ),

    told as (
        select
            accounts.bank_account_id,
            statements.statement_id,
            statements.statement_order,
            statements.to_date,
            coalesce(statements.from_date, own_lines.first_booking_date, statements.to_date) as from_date,
            coalesce(own_lines.line_total, 0) as line_total,
            coalesce(
                statements.opening_balance, statements.closing_balance - coalesce(own_lines.line_total, 0)
            ) as opening_balance,
            coalesce(
                statements.closing_balance, statements.opening_balance + coalesce(own_lines.line_total, 0)
            ) as closing_balance
        from {{ ref("int_bank__statements_chained") }} as statements
        inner join
            {{ ref("int_bank__accounts") }} as accounts
            on statements.company_id = accounts.company_id
            and statements.account_number = accounts.account_number
            and coalesce(statements.account_currency, accounts.currency_code) = accounts.currency_code
        left join own_lines on statements.statement_id = own_lines.statement_id
        where
            statements.to_date is not null
            and coalesce(statements.opening_balance, statements.closing_balance) is not null
    ),

    compared as (
        select
            *,
            max(to_date) over (
                partition by bank_account_id
                order by statement_order
                rows between unbounded preceding and 1 preceding
            ) as reached_date
        from told
    ),

    reaching as (select * from compared where reached_date is null or to_date >= reached_date)

select
    bank_account_id,
    statement_id,
    statement_order,
    from_date,
    to_date,
    opening_balance,
    closing_balance,
    line_total,
    lag(statement_id) over (partition by bank_account_id order by statement_order) as previous_statement_id,
    lag(to_date) over (partition by bank_account_id order by statement_order) as previous_to_date,
    lag(closing_balance) over (
        partition by bank_account_id order by statement_order
    ) as previous_closing_balance
from reaching
