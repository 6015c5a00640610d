-- Who is in which match group, with the amount of it that was open.
select members.match_id, members.side, members.object_id, {{ major_units("members.amount") }} as amount
from {{ ref("int_matching__members_found") }} as members
inner join {{ ref("int_matching__groups") }} as groups on members.match_id = groups.match_id
