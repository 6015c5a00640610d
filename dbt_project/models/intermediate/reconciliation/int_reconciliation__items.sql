-- What keeps the two balances of an account apart, and the days on which it does: `from_date` to
-- `until_date`, or for good. A line is outstanding until the group that takes it is whole.
-- Movements that a balance holds and nobody has shown are taken out of it: the lines of the other
-- side stand for them.
with
    members as (select * from {{ ref("int_reconciliation__members") }}),

    outstanding as (
        select
            lines.reconciled_account_id,
            'bank_not_in_ledger' as category,
            lines.bank_transaction_id as object_id,
            members.match_id,
            lines.booking_date as object_date,
            lines.amount,
            lines.balance_date as from_date,
            members.whole_date
        from {{ ref("int_reconciliation__bank_lines") }} as lines
        left join members on lines.bank_transaction_id = members.object_id and members.side = 'bank'
        where lines.balance_date >= lines.start_date

        union all

        select
            lines.reconciled_account_id,
            'ledger_not_at_bank',
            lines.ledger_line_id,
            members.match_id,
            lines.entry_date,
            lines.amount,
            lines.balance_date,
            members.whole_date
        from {{ ref("int_reconciliation__ledger_lines") }} as lines
        left join members on lines.ledger_line_id = members.object_id and members.side = 'ledger'
        where lines.balance_date >= lines.start_date and not lines.is_opening
    ),

    residuals as (
        select
            members.reconciled_account_id,
            members.match_id,
            members.whole_date,
            sum(case when members.side = 'bank' then members.amount else - members.amount end) as amount
        from members
        where not members.settles_opening
        group by members.reconciled_account_id, members.match_id, members.whole_date
        having max(case when members.is_before_start then 0 else 1 end) = 1
    ),

    ledger_gaps as (
        select
            years.reconciled_account_id,
            years.fiscal_year_start_date,
            years.opening_amount - eves.ledger_balance as amount
        from {{ ref("int_reconciliation__ledger_years") }} as years
        inner join
            {{ ref("int_reconciliation__ledger_balances") }} as eves
            on years.reconciled_account_id = eves.reconciled_account_id
            and {{ plus_days("years.fiscal_year_start_date", -1) }} = eves.as_of_date
        inner join
            (
                select distinct reconciled_account_id, start_date
                from {{ ref("int_reconciliation__accounts") }}
            ) as starts
            on years.reconciled_account_id = starts.reconciled_account_id
            and years.fiscal_year_start_date >= starts.start_date
    ),

    items as (
        select
            reconciled_account_id,
            category,
            object_id,
            match_id,
            object_date,
            amount,
            from_date,
            {{ plus_days("whole_date", -1) }} as until_date
        from outstanding
        where whole_date is null or whole_date > from_date

        union all

        select
            reconciled_account_id,
            'residual',
            match_id,
            match_id,
            whole_date,
            amount,
            whole_date,
            cast(null as date)
        from residuals

        union all

        select
            reconciled_account_id,
            'opening_unreconciled',
            concat('opening/', reconciled_account_id),
            cast(null as string),
            first_date,
            amount,
            from_date,
            until_date
        from {{ ref("int_reconciliation__opening_amounts") }}

        union all

        select
            reconciled_account_id,
            'statement_gap',
            concat_ws('/', gap_kind, statement_id),
            cast(null as string),
            gap_date,
            - amount,
            gap_date,
            cast(null as date)
        from {{ ref("int_reconciliation__statement_gaps") }}

        union all

        select
            reconciled_account_id,
            'ledger_gap',
            concat('year/', cast(fiscal_year_start_date as string)),
            cast(null as string),
            fiscal_year_start_date,
            - amount,
            fiscal_year_start_date,
            cast(null as date)
        from ledger_gaps
    )

select
    reconciled_account_id,
    category,
    case
        when category in ('ledger_not_at_bank', 'statement_gap') then 'bank' else 'ledger'
    end as adjusted_side,
    object_id,
    match_id,
    object_date,
    cast(amount as decimal(18, 5)) as amount,
    from_date,
    until_date
from items
where amount <> 0
