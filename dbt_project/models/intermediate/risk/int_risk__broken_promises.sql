-- Items that still owe what was promised of them in vain, and is neither paid nor settled otherwise since,
-- matched settlements included.
select items.promise_id, items.item_id, items.third_party_id, items.promised_date
from {{ ref("int_follow_up__promises") }} as items
inner join
    {{ ref("fct_promises") }} as promises
    on items.promise_id = promises.promise_id
    and promises.status in ('broken', 'partly_kept')
    and promises.amount_at_stake > 0
inner join {{ ref("fct_open_items") }} as open_items on items.item_id = open_items.item_id
where items.promised_amount > 0 and open_items.projected_open_amount > 0
