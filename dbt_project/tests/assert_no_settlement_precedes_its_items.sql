-- A settlement effective before one of its two lines was posted would change a balance that was already
-- reported.
select settlements.settlement_id, settlements.effective_date, items.entry_date
from {{ ref("fct_settlements") }} as settlements
inner join
    {{ ref("fct_items") }} as items
    on items.item_id in (settlements.debit_item_id, settlements.credit_item_id)
where settlements.effective_date < items.entry_date
