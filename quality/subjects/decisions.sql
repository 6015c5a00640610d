-- Every landed row of decisions.csv, beside whose its file is and what else its decision_ref says in that file.
select
    decisions.*,
    files.company_id as file_company_id,
    files.known_at_date,
    min(decisions.decided_on) filter (where decisions.decision <> 'forget') over same as first_day,
    max(decisions.decided_on) filter (where decisions.decision <> 'forget') over same as last_day,
    min(decisions.decided_by) filter (where decisions.decision <> 'forget') over same as first_reviewer,
    max(decisions.decided_by) filter (where decisions.decision <> 'forget') over same as last_reviewer
from landing.decisions as decisions
join checked_files as files on decisions.source_sha256 = files.source_sha256
window same as (partition by decisions.source_sha256, decisions.company_id, decisions.decision_ref)
