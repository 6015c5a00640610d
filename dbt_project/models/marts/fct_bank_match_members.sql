select
    members.match_id,
    case when members.side = 'payment' then 'bank' else 'ledger' end as side,
    members.object_id,
    members.amount
from {{ ref("int_matching__members") }} as members
inner join
    {{ ref("int_matching__groups") }} as matches
    on members.match_id = matches.match_id
    and matches.use = 'bank'
