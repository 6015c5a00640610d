-- How a match group reads in a sentence, for the groups that an exception speaks of: what is proposed,
-- what the books lack, and what leaves a residual. The texts of its members, the first in order and how
-- many more, are the same in both languages.
with
    groups as (
        select *
        from {{ ref("int_matching__groups") }}
        where match_status = 'proposed' or use = 'receipt' or residual_amount <> 0
    ),

    members as (
        select members.match_id, members.side, members.object_id, members.amount
        from {{ ref("int_matching__members") }} as members
        inner join groups on members.match_id = groups.match_id
    ),

    named as (select distinct object_id from members),

    texts as (
        select
            items.item_id as object_id,
            concat_ws(
                ', ',
                coalesce(items.document_ref, items.entry_number),
                coalesce(parties.name, parties.third_party_code)
            ) as object_text,
            items.entry_date as object_date
        from named
        inner join {{ ref("int_items__posted") }} as items on named.object_id = items.item_id
        left join
            {{ ref("int_third_parties__listed") }} as parties on items.third_party_id = parties.third_party_id
        union all
        select
            lines.ledger_line_id,
            concat_ws(
                ', ', lines.document_ref, lines.label, cast(lines.entry_date as string), lines.account_code
            ),
            lines.entry_date
        from named
        inner join {{ ref("int_bank__ledger_lines") }} as lines on named.object_id = lines.ledger_line_id
        union all
        select
            transactions.bank_transaction_id,
            concat_ws(
                ', ',
                cast(transactions.booking_date as string),
                transactions.counterparty_name,
                substr(transactions.remittance_text, 1, {{ var("longest_text_told") }})
            ),
            transactions.booking_date
        from named
        inner join
            {{ ref("int_bank__transactions") }} as transactions
            on named.object_id = transactions.bank_transaction_id
    ),

    sides as (
        select
            members.match_id,
            members.side,
            concat(
                min(coalesce(texts.object_text, members.object_id)),
                case when count(*) > 1 then concat(' (+', cast(count(*) - 1 as string), ')') else '' end
            ) as side_text,
            max(texts.object_date) as side_date
        from members
        left join texts on members.object_id = texts.object_id
        group by members.match_id, members.side
    ),

    written as (
        select
            match_id,
            {{
                listed_texts(
                    'concat(\'{"side":"\', side, \'","object_id":"\', object_id, \'","amount":"\', cast(amount as string), \'"}\')',
                    "concat(side, object_id)",
                )
            }}
            as members_json
        from members
        group by match_id
    )

select
    groups.match_id,
    groups.use,
    groups.company_id,
    groups.bank_account_id,
    groups.match_status,
    groups.match_score,
    groups.rank,
    groups.residual_amount,
    groups.residual_reason,
    -- How many others are as good, which the proposals may not all show.
    coalesce(
        try_cast({{ capture("groups.evidence", "'\"alternatives\": *([0-9]+)'", 1) }} as integer), 0
    ) as alternative_count,
    coalesce(payments.side_date, documents.side_date) as match_date,
    payments.side_text as payment_text,
    documents.side_text as document_text,
    concat(
        '{"match_id":"',
        groups.match_id,
        '","status":"',
        groups.match_status,
        '","rule":"',
        groups.match_rule,
        '","score":',
        cast(groups.match_score as string),
        ',"residual":"',
        cast(groups.residual_amount as string),
        '","residual_reason":',
        coalesce('"' || groups.residual_reason || '"', 'null'),
        ',"members":[',
        written.members_json,
        ']}'
    ) as match_json
from groups
left join sides as payments on groups.match_id = payments.match_id and payments.side = 'payment'
left join sides as documents on groups.match_id = documents.match_id and documents.side = 'document'
left join written on groups.match_id = written.match_id
