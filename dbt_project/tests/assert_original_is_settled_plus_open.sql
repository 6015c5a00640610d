-- The aged balance shows what is left of what was posted: a cent between the two is a cent that nobody owes.
select item_id, original_amount, settled_amount, open_amount
from {{ ref("fct_open_items") }}
where original_amount <> settled_amount + open_amount
