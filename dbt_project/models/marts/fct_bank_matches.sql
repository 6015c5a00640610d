with
    matches as (select * from {{ ref("int_matching__groups") }} where use = 'bank'),

    days as (
        select transactions.bank_transaction_id as object_id, transactions.booking_date as day
        from {{ ref("int_bank__transactions") }} as transactions
        union all
        select ledger_line_id, entry_date
        from {{ ref("int_ledger__lines_identified") }}
    ),

    last_days as (
        select members.match_id, max(days.day) as matched_on
        from {{ ref("fct_bank_match_members") }} as members
        inner join days on members.object_id = days.object_id
        group by members.match_id
    )

select
    matches.match_id,
    matches.company_id,
    matches.bank_account_id,
    accounts.currency_code,
    matches.payment_amount as bank_amount,
    matches.document_amount as ledger_amount,
    matches.residual_amount,
    matches.residual_reason,
    matches.match_status,
    matches.match_rule,
    matches.match_score,
    matches.match_cardinality,
    matches.rank as match_rank,
    last_days.matched_on,
    matches.evidence
from matches
left join last_days on matches.match_id = last_days.match_id
left join {{ ref("int_bank__accounts") }} as accounts on matches.bank_account_id = accounts.bank_account_id
