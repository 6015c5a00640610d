-- What may be done about a bank line, a ledger line or a payment, best first: the groups that hold it and
-- are proposed, or that the books lack.
with
    members as (select match_id, object_id from {{ ref("int_matching__members") }}),

    candidates as (
        select
            members.object_id,
            told.*,
            row_number() over (
                partition by members.object_id
                order by told.match_status, told.match_score desc, told.rank, told.match_id
            ) as place,
            max(told.match_score) over (partition by members.object_id) as best_score
        from {{ ref("int_exceptions__matches_told") }} as told
        inner join members on told.match_id = members.match_id
        where told.match_status = 'proposed' or told.use = 'receipt'
    ),

    -- A line that many others may be would otherwise carry all of them.
    best as (select * from candidates where place <= {{ var("most_suggestions") }})

select
    object_id,
    max(case when place = 1 then match_id end) as match_id,
    max(case when place = 1 then use end) as use,
    max(case when place = 1 then match_status end) as match_status,
    max(case when place = 1 then residual_amount end) as residual_amount,
    max(case when place = 1 then residual_reason end) as residual_reason,
    max(case when place = 1 then payment_text end) as payment_text,
    max(case when place = 1 then document_text end) as document_text,
    cast(count(*) as integer) as suggestion_count,
    cast(
        greatest(
            sum(case when match_score = best_score and rank = 1 then 1 else 0 end),
            max(case when place = 1 then alternative_count + 1 else 1 end)
        ) as integer
    ) as equal_count,
    concat('[', {{ listed_texts("match_json", "lpad(cast(place as string), 4, '0')") }}, ']') as suggestion
from best
group by object_id
