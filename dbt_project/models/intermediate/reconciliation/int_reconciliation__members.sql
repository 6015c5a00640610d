-- Lines of reconciled accounts that a match has taken, with the day on which the group is whole:
-- the last that the balance of either side begins to hold one of its lines.
with
    bank_groups as (
        select match_id from {{ ref("int_matching__groups") }} where use = 'bank' and match_status = 'matched'
    ),

    of_the_opening as (
        select distinct match_id
        from {{ ref("int_matching__members") }}
        where substr(object_id, 1, 8) = 'opening/'
    ),

    lines as (
        select
            'bank' as side,
            bank_transaction_id as object_id,
            reconciled_account_id,
            start_date,
            balance_date,
            amount
        from {{ ref("int_reconciliation__bank_lines") }}

        union all

        select 'ledger', ledger_line_id, reconciled_account_id, start_date, balance_date, amount
        from {{ ref("int_reconciliation__ledger_lines") }}
        where not is_opening
    )

select
    members.match_id,
    lines.side,
    lines.object_id,
    lines.reconciled_account_id,
    lines.balance_date,
    lines.amount,
    lines.balance_date < lines.start_date as is_before_start,
    of_the_opening.match_id is not null as settles_opening,
    max(lines.balance_date) over (partition by members.match_id) as whole_date
from {{ ref("int_matching__members") }} as members
inner join bank_groups on members.match_id = bank_groups.match_id
left join of_the_opening on members.match_id = of_the_opening.match_id
inner join
    lines
    on members.object_id = lines.object_id
    and case when members.side = 'payment' then 'bank' else 'ledger' end = lines.side
