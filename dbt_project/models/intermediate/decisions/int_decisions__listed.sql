-- Every decision that was ever landed, and every one of the store, row by row, in the order in which they
-- were made. Of each reference the newest file that holds it counts, whole; what a later file only repeats
-- keeps its place. Forgetting ends what its reference said before. A file tells the day of a decision, the
-- store its moment: within a day, a row of a file was written when the file was, or one taken in before it.
{% set content = [
    "company_id",
    "decision",
    "decision_ref",
    "object_id",
    "counterpart_id",
    "decided_amount",
    "payer_iban",
    "payer_name",
    "third_party_id",
    "decided_by",
    "decided_on",
] %}
with
    told as (
        select
            coalesce(decisions.company_id, files.company_id) as company_id,
            {{ content[1:] | join(", ") }},
            decisions.decision_comment,
            decisions.decision = 'forget' as is_forgetting,
            dense_rank() over (
                order by files.intake_number, files.modified_at, files.source_sha256
            ) as file_order,
            row_number() over (
                order by files.intake_number, files.modified_at, files.source_sha256, decisions.source_row
            ) as row_order,
            max(files.modified_at) over (
                order by files.intake_number, files.modified_at, files.source_sha256
            ) as written_at
        from {{ ref("stg_landing__decisions") }} as decisions
        inner join
            {{ ref("int_files__placements") }} as files on decisions.source_sha256 = files.source_sha256
    ),

    ranked as (
        select
            *,
            min(row_order) over (partition by {{ content | join(", ") }}) as first_order,
            min(written_at) over (partition by {{ content | join(", ") }}) as made_at,
            row_number() over (partition by {{ content | join(", ") }} order by row_order desc) as recency,
            max(file_order) over (partition by company_id, decision_ref, is_forgetting) as newest_file
        from told
        where company_id is not null
    ),

    made as (
        select
            {{ content | join(", ") }},
            decision_comment,
            is_forgetting,
            made_at,
            0 as decision_sequence,
            first_order
        from ranked
        where recency = 1 and (is_forgetting or file_order = newest_file)

        union all

        select
            {{ content | join(", ") }},
            decision_comment,
            decision = 'forget',
            decided_at,
            decision_sequence,
            row_number() over (order by decision_sequence, object_id, counterpart_id)
        from {{ ref("stg_decisions__made") }}
    ),

    ordered as (
        select
            *,
            row_number() over (order by decided_on, made_at, decision_sequence, first_order) as decision_order
        from made
    ),

    forgotten as (
        select company_id, decision_ref, max(decision_order) as until_order
        from ordered
        where is_forgetting
        group by company_id, decision_ref
    )

select
    {% for column in content %} ordered.{{ column }}, {% endfor %}
    ordered.decision_comment,
    ordered.decision_order,
    not ordered.is_forgetting and ordered.decision_order < coalesce(forgotten.until_order, 0) as is_forgotten
from ordered
left join
    forgotten on ordered.company_id = forgotten.company_id and ordered.decision_ref = forgotten.decision_ref
