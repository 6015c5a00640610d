-- A line of the bank or of a bank's ledger account that is in no matched group and has no exception would be
-- forgotten; one that has both, or two, would be looked at twice.
with
    lines as (
        select 'bank' as side, bank_transaction_id as object_id
        from {{ ref("fct_bank_transactions") }}
        union all
        select 'ledger', ledger_line_id
        from {{ ref("int_bank__ledger_lines") }}
    ),

    matched as (
        select members.side, members.object_id, count(*) as match_count
        from {{ ref("fct_bank_match_members") }} as members
        inner join
            {{ ref("fct_bank_matches") }} as matches
            on members.match_id = matches.match_id
            and matches.match_status = 'matched'
        group by members.side, members.object_id
    ),

    explained as (
        select side, object_id, count(*) as exception_count
        from {{ ref("fct_reconciliation_exceptions") }}
        where side in ('bank', 'ledger') and reason_code <> 'in_suspense'
        group by side, object_id
    )

select lines.side, lines.object_id, matched.match_count, explained.exception_count
from lines
left join matched on lines.side = matched.side and lines.object_id = matched.object_id
left join explained on lines.side = explained.side and lines.object_id = explained.object_id
where coalesce(matched.match_count, 0) + coalesce(explained.exception_count, 0) <> 1
