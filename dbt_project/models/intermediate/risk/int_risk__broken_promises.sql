-- Items whose promised day has passed while less was settled of them than was promised, matched settlements
-- included.
select promises.promise_id, promises.item_id, promises.third_party_id, promises.promised_date
from {{ ref("int_follow_up__promises") }} as promises
inner join
    {{ ref("fct_open_items") }} as open_items
    on promises.item_id = open_items.item_id
    and promises.promised_date < open_items.as_of_date
where
    open_items.projected_open_amount > 0
    and promises.owed_amount - open_items.projected_open_amount < promises.promised_amount
