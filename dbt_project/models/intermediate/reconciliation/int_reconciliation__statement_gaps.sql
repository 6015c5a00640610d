-- What the statements of an account leave unsaid: where one opens with another balance than the one
-- before it left, and where its own lines do not lead from its opening to its closing balance. An
-- amount is that of the movements which nobody has shown.
with
    accounts as (select * from {{ ref("int_reconciliation__accounts") }}),

    statements as (select * from {{ ref("int_reconciliation__statements") }}),

    -- Where a statement begins within the days of the one before it, what that one shows of them is
    -- taken back.
    shown_before as (
        select statements.statement_id, sum(lines.amount) as amount
        from statements
        inner join
            {{ ref("int_bank__lines_keyed") }} as lines
            on statements.previous_statement_id = lines.statement_id
            and statements.from_date <= lines.booking_date
        where
            statements.from_date <= statements.previous_to_date
            and statements.opening_balance <> statements.previous_closing_balance
        group by statements.statement_id
    ),

    -- Reports may tell movements of days that no statement speaks of.
    reported_between as (
        select statements.statement_id, sum(lines.amount) as amount
        from statements
        inner join
            {{ ref("int_reconciliation__bank_lines") }} as lines
            on statements.bank_account_id = lines.bank_account_id
            and lines.balance_date > statements.previous_to_date
            and lines.balance_date < statements.from_date
            and not lines.is_in_balance
        where statements.opening_balance <> statements.previous_closing_balance
        group by statements.statement_id
    ),

    joints as (
        select
            statements.*,
            accounts.reconciled_account_id,
            accounts.start_date,
            case
                when statements.previous_statement_id is not null
                then
                    statements.previous_closing_balance
                    - coalesce(shown_before.amount, 0)
                    + coalesce(reported_between.amount, 0)
                -- An account that joins others under one ledger account brings what it opens with.
                when statements.from_date > accounts.start_date
                then 0
                else statements.opening_balance
            end as expected_balance
        from statements
        inner join accounts on statements.bank_account_id = accounts.bank_account_id
        left join shown_before on statements.statement_id = shown_before.statement_id
        left join reported_between on statements.statement_id = reported_between.statement_id
    )

select
    reconciled_account_id,
    statement_id,
    'between' as gap_kind,
    from_date as gap_date,
    previous_to_date,
    expected_balance,
    opening_balance as told_balance,
    opening_balance - expected_balance as amount
from joints
where opening_balance <> expected_balance and from_date >= start_date

union all

select
    reconciled_account_id,
    statement_id,
    'within',
    to_date,
    from_date,
    opening_balance + line_total,
    closing_balance,
    closing_balance - opening_balance - line_total
from joints
where closing_balance <> opening_balance + line_total and to_date >= start_date
