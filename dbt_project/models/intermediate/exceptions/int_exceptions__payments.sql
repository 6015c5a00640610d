-- One row per payment or credit note that waits to be applied and for which there are proposals.
with
    proposed as (
        select distinct members.object_id
        from {{ ref("int_matching__members") }} as members
        inner join {{ ref("int_matching__groups") }} as groups on members.match_id = groups.match_id
        where groups.use = 'lettering' and groups.match_status = 'proposed' and members.side = 'payment'
    ),

    told as (
        select
            items.company_id,
            items.ledger_side,
            items.item_id,
            items.account_code,
            items.entry_date,
            open_items.open_amount,
            suggestions.suggestion,
            suggestions.equal_count,
            coalesce(suggestions.document_text, suggestions.payment_text, '') as best_text,
            suggestions.residual_amount,
            suggestions.residual_reason,
            concat(
                {{ amount_told("open_items.open_amount", "companies.base_currency") }},
                ', ',
                concat_ws(
                    ', ',
                    coalesce(items.document_ref, items.entry_number),
                    coalesce(parties.name, parties.third_party_code)
                )
            ) as item_text
        from proposed
        inner join {{ ref("int_items__posted") }} as items on proposed.object_id = items.item_id
        inner join
            {{ ref("int_ageing__items_at_dates") }} as open_items
            on items.item_id = open_items.item_id
            and open_items.is_own_date
        inner join
            {{ ref("int_exceptions__suggestions") }} as suggestions on items.item_id = suggestions.object_id
        left join
            {{ ref("int_third_parties__listed") }} as parties on items.third_party_id = parties.third_party_id
        left join {{ ref("int_companies__known") }} as companies on items.company_id = companies.company_id
    )

select
    case when equal_count > 1 then 'ambiguous' else 'proposed_match' end as reason_code,
    company_id,
    case when ledger_side = 'receivable' then 'receivable' else 'ledger' end as side,
    item_id as object_id,
    cast(null as string) as bank_account_id,
    account_code,
    open_amount as amount,
    cast(null as string) as currency_code,
    entry_date as since_date,
    concat(
        item_text,
        ', non affecté depuis le ',
        cast(entry_date as string),
        case when equal_count > 1 then {{ ambiguous_told("fr") }} else {{ proposed_told("fr") }} end
    ) as explanation_fr,
    concat(
        item_text,
        ', not applied since ',
        cast(entry_date as string),
        case when equal_count > 1 then {{ ambiguous_told("en") }} else {{ proposed_told("en") }} end
    ) as explanation_en,
    suggestion
from told
