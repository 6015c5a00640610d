-- What remains unreconciled of the day before both sides are known, from each day on which it
-- changes: first the difference of the two balances, then less what lines on either side of that
-- day settle together, and what bank lines settle of the difference itself.
with
    first_dates as (
        select distinct reconciled_account_id, {{ plus_days("start_date", -1) }} as first_date
        from {{ ref("int_reconciliation__accounts") }}
    ),

    changes as (
        select
            first_dates.reconciled_account_id,
            first_dates.first_date as changed_on,
            bank_balances.bank_balance - ledger_balances.ledger_balance as amount
        from first_dates
        inner join
            {{ ref("int_reconciliation__bank_balances") }} as bank_balances
            on first_dates.reconciled_account_id = bank_balances.reconciled_account_id
            and first_dates.first_date = bank_balances.as_of_date
        inner join
            {{ ref("int_reconciliation__ledger_balances") }} as ledger_balances
            on first_dates.reconciled_account_id = ledger_balances.reconciled_account_id
            and first_dates.first_date = ledger_balances.as_of_date

        union all

        select
            members.reconciled_account_id,
            members.whole_date,
            case when members.side = 'ledger' then members.amount else - members.amount end
        from {{ ref("int_reconciliation__members") }} as members
        inner join first_dates on members.reconciled_account_id = first_dates.reconciled_account_id
        where
            members.is_before_start
            and members.whole_date > first_dates.first_date
            and not members.settles_opening

        union all

        select reconciled_account_id, whole_date, case when side = 'bank' then amount else - amount end
        from {{ ref("int_reconciliation__members") }}
        where settles_opening and not is_before_start
    ),

    by_day as (
        select reconciled_account_id, changed_on, sum(amount) as amount
        from changes
        group by reconciled_account_id, changed_on
    )

select
    reconciled_account_id,
    changed_on as from_date,
    {{ plus_days("lead(changed_on) over (partition by reconciled_account_id order by changed_on)", -1) }}
    as until_date,
    min(changed_on) over (partition by reconciled_account_id) as first_date,
    sum(amount) over (
        partition by reconciled_account_id
        order by changed_on
        rows between unbounded preceding and current row
    ) as amount
from by_day
