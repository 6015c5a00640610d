-- Where statements and ledger begin to be compared: one row per bank account that has both, with the balance
-- that its first statement opens with, the ledger's balance of the day before, and what of the bank's the
-- ledger lacks (`opening_unreconciled`, positive where the bank had more). Opening entries speak of the day
-- before. Of accounts that one ledger account mirrors, none has a balance of its own there.
with
    starts as (
        select bank_account_id, company_id, ledger_account, account_number
        from
            (
                select *, count(*) over (partition by company_id, ledger_account) as accounts_mirrored
                from {{ ref("int_bank__accounts") }}
                where ledger_account is not null and has_statements
            ) as compared
        where accounts_mirrored = 1
    ),

    first_statements as (
        select company_id, account_number, coalesce(from_date, to_date) as first_day, opening_balance
        from
            (
                select
                    *,
                    row_number() over (
                        partition by company_id, account_number
                        order by coalesce(from_date, to_date), to_date, opening_balance, statement_id
                    ) as position
                from {{ ref("int_bank__statements_chained") }}
                where opening_balance is not null
            ) as ranked
        where position = 1
    ),

    earlier as (
        select starts.bank_account_id, sum(lines.amount) as amount
        from starts
        inner join
            first_statements
            on starts.company_id = first_statements.company_id
            and starts.account_number = first_statements.account_number
        inner join
            {{ ref("int_bank__ledger_lines") }} as lines
            on starts.company_id = lines.company_id
            and starts.ledger_account = lines.account_code
            and (
                lines.entry_date < first_statements.first_day
                or (lines.is_opening and lines.entry_date = first_statements.first_day)
            )
        group by starts.bank_account_id
    )

select
    starts.bank_account_id,
    starts.company_id,
    starts.ledger_account,
    first_statements.first_day,
    cast(first_statements.opening_balance as decimal(18, 2)) as opening_balance,
    cast(coalesce(earlier.amount, 0) as decimal(18, 2)) as ledger_balance,
    cast(
        first_statements.opening_balance - coalesce(earlier.amount, 0) as decimal(18, 2)
    ) as opening_unreconciled
from starts
inner join
    first_statements
    on starts.company_id = first_statements.company_id
    and starts.account_number = first_statements.account_number
left join earlier on starts.bank_account_id = earlier.bank_account_id
