-- Adjusted balances of the bank reconciliation statements, and what they rest on: items tie to the
-- lines, what is matched and what is open make the lines, and no line is taken twice or beyond its
-- amount. Balances may differ where statements contradict each other, a fault of the input; the
-- rest is our arithmetic.
with
    statements as (select * from {{ ref("fct_bank_reconciliation_statements") }}),

    accounts as (
        select distinct reconciled_account_id, company_id, start_date
        from {{ ref("int_reconciliation__accounts") }}
    ),

    lines as (
        select
            'bank' as side,
            transactions.bank_transaction_id as object_id,
            transactions.company_id,
            concat_ws(' ', transactions.bank_account_id, transactions.currency_code) as subject,
            cast(transactions.amount as decimal(18, 2)) as amount
        from {{ ref("int_bank__transactions") }} as transactions

        union all

        select
            'ledger',
            lines.ledger_line_id,
            accounts.company_id,
            concat_ws(' ', accounts.reconciled_account_id, 'ledger'),
            lines.amount
        from {{ ref("int_reconciliation__ledger_lines") }} as lines
        inner join accounts on lines.reconciled_account_id = accounts.reconciled_account_id
        where not lines.is_opening
    ),

    takings as (
        select members.side, members.object_id, sum(members.amount) as amount, count(*) as group_count
        from {{ ref("fct_bank_match_members") }} as members
        inner join
            {{ ref("fct_bank_matches") }} as matches
            on members.match_id = matches.match_id
            and matches.match_status = 'matched'
        where substr(members.object_id, 1, 8) <> 'opening/'
        group by members.side, members.object_id
    ),

    line_days as (
        select reconciled_account_id, balance_date, sum(amount) as amount
        from
            (
                select reconciled_account_id, balance_date, amount
                from {{ ref("int_reconciliation__bank_lines") }}
                where balance_date >= start_date
                union all
                select reconciled_account_id, balance_date, - amount
                from {{ ref("int_reconciliation__ledger_lines") }}
                where balance_date >= start_date and not is_opening
            ) as both_sides
        group by reconciled_account_id, balance_date
    ),

    first_differences as (
        select statements.bank_account_id, statements.bank_balance - statements.ledger_balance as amount
        from statements
        inner join
            accounts
            on statements.bank_account_id = accounts.reconciled_account_id
            and statements.as_of_date < accounts.start_date
    ),

    told_by_lines as (
        select
            statements.company_id,
            statements.bank_account_id,
            statements.as_of_date,
            first_differences.amount + coalesce(sum(line_days.amount), 0) as expected,
            statements.bank_not_in_ledger
            + statements.residual
            + statements.opening_unreconciled
            - statements.ledger_not_at_bank as actual
        from statements
        inner join first_differences on statements.bank_account_id = first_differences.bank_account_id
        left join
            line_days
            on statements.bank_account_id = line_days.reconciled_account_id
            and statements.as_of_date >= line_days.balance_date
        group by
            statements.company_id,
            statements.bank_account_id,
            statements.as_of_date,
            first_differences.amount,
            statements.bank_not_in_ledger,
            statements.residual,
            statements.opening_unreconciled,
            statements.ledger_not_at_bank
    )

select
    company_id,
    'adjusted_balances_agree' as control_name,
    concat(bank_account_id, ' ', cast(as_of_date as string)) as subject,
    adjusted_ledger_balance as expected,
    adjusted_bank_balance as actual,
    false as is_blocking
from statements

union all

select
    company_id,
    'statement_items_tie_to_lines',
    concat(bank_account_id, ' ', cast(as_of_date as string)),
    expected,
    actual,
    true
from told_by_lines

union all

select
    lines.company_id,
    'matched_and_open_make_the_lines',
    lines.subject,
    sum(lines.amount),
    sum(case when takings.object_id is null then lines.amount else takings.amount end),
    true
from lines
left join takings on lines.object_id = takings.object_id and lines.side = takings.side
group by lines.company_id, lines.subject

union all

-- Taken once, whole, and by a group that takes nothing else than lines.
select
    lines.company_id,
    'matched_lines_are_taken_once',
    lines.subject,
    sum(takings.group_count),
    sum(case when takings.group_count = 1 and takings.amount = lines.amount then 1 else 0 end),
    true
from lines
inner join takings on lines.object_id = takings.object_id and lines.side = takings.side
group by lines.company_id, lines.subject
