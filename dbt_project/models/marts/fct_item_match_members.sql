select members.match_id, members.side, members.object_id, members.amount
from {{ ref("int_matching__members") }} as members
inner join {{ ref("fct_item_matches") }} as matches on members.match_id = matches.match_id
