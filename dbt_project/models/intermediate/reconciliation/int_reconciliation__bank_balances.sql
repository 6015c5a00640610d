-- What the bank says of each account at the dates of its statements: the last balance that a
-- statement tells by then, and the movements since. Nothing here comes from the matching, nor from
-- which lines count.
with
    accounts as (select * from {{ ref("int_reconciliation__accounts") }}),

    statements as (select * from {{ ref("int_reconciliation__statements") }}),

    known as (
        select
            accounts.reconciled_account_id,
            accounts.bank_account_id,
            dates.as_of_date,
            max(statements.statement_order) as statement_order
        from {{ ref("int_reconciliation__dates") }} as dates
        inner join accounts on dates.reconciled_account_id = accounts.reconciled_account_id
        inner join
            statements
            on accounts.bank_account_id = statements.bank_account_id
            and (
                statements.from_date <= dates.as_of_date
                -- Before its first statement the account held what that one opens with.
                or (statements.previous_statement_id is null and statements.from_date = accounts.start_date)
            )
        group by accounts.reconciled_account_id, accounts.bank_account_id, dates.as_of_date
    ),

    own_days as (
        select
            statements.statement_id,
            greatest(statements.from_date, least(statements.to_date, lines.booking_date)) as balance_date,
            sum(lines.amount) as amount
        from {{ ref("int_bank__lines_keyed") }} as lines
        inner join statements on lines.statement_id = statements.statement_id
        group by
            statements.statement_id,
            greatest(statements.from_date, least(statements.to_date, lines.booking_date))
    ),

    told as (
        select
            known.reconciled_account_id,
            known.bank_account_id,
            known.as_of_date,
            least(statements.to_date, known.as_of_date) as told_until_date,
            case
                when statements.to_date <= known.as_of_date
                then statements.closing_balance
                else statements.opening_balance + coalesce(sum(own_days.amount), 0)
            end as bank_balance
        from known
        inner join
            statements
            on known.bank_account_id = statements.bank_account_id
            and known.statement_order = statements.statement_order
        left join
            own_days
            on statements.statement_id = own_days.statement_id
            and own_days.balance_date <= known.as_of_date
            and statements.to_date > known.as_of_date
        group by
            known.reconciled_account_id,
            known.bank_account_id,
            known.as_of_date,
            statements.to_date,
            statements.opening_balance,
            statements.closing_balance
    ),

    -- Of reports and of statements that tell no balance.
    loose_days as (
        select bank_account_id, balance_date, sum(amount) as amount
        from {{ ref("int_reconciliation__bank_lines") }}
        where not is_in_balance
        group by bank_account_id, balance_date
    ),

    brought_forward as (
        select
            told.reconciled_account_id,
            told.as_of_date,
            told.told_until_date,
            told.bank_balance + coalesce(sum(loose_days.amount), 0) as bank_balance
        from told
        left join
            loose_days
            on told.bank_account_id = loose_days.bank_account_id
            and loose_days.balance_date > told.told_until_date
            and loose_days.balance_date <= told.as_of_date
        group by
            told.reconciled_account_id,
            told.bank_account_id,
            told.as_of_date,
            told.told_until_date,
            told.bank_balance
    )

select
    reconciled_account_id,
    as_of_date,
    max(told_until_date) as last_statement_date,
    cast(sum(bank_balance) as decimal(18, 5)) as bank_balance
from brought_forward
group by reconciled_account_id, as_of_date
