-- What one group has taken is no other's: the two would clear the line twice.
select members.side, members.object_id
from {{ ref("fct_bank_match_members") }} as members
inner join {{ ref("fct_bank_matches") }} as matches on members.match_id = matches.match_id
where matches.match_status = 'matched' and substr(members.object_id, 1, 8) <> 'opening/'
group by members.side, members.object_id
having count(*) > 1
