-- What customers were ever asked to pay by a day: what the forecast learns from, and what it is of. A
-- customer's group is its segment. Amounts are in minor units.
{{ config(materialized="view") }}

select
    items.item_id,
    items.company_id,
    items.third_party_id,
    case when coalesce(parties.segment, 'all') = 'all' then 'none' else parties.segment end as customer_group,
    items.entry_date,
    items.due_date,
    cast(items.original_amount * 100 as bigint) as original_amount,
    items.is_doubtful
from {{ ref("int_items__posted") }} as items
left join {{ ref("int_third_parties__listed") }} as parties on items.third_party_id = parties.third_party_id
where
    items.ledger_side = 'receivable'
    and items.account_role <> 'customer_advance'
    and items.original_amount > 0
    and items.due_date is not null
