-- Every member of every group that is kept: of both passes, of the lines that undo each other and of
-- those that were open when the statements begin; with the stable id of its group, which its members
-- make. A proposal that holds what is matched elsewhere is none; what two rules find is told once.
with
    opening as (select * from {{ ref("int_matching__openings") }}),

    offsets as (select * from {{ ref("int_matching__offsets") }}),

    {% set evidence = [
        "reference_key",
        "documents_named",
        "party_basis",
        "words_shared",
        "words_compared",
        "days",
        "accidents",
        "margin",
        "weight",
        "pool_size",
    ] %}
    found as (
        {% for pass in ["int_matching__found", "int_receipts__found"] %}
            select
                group_key,
                use,
                match_rule,
                match_status,
                residual_reason,
                rank,
                alternatives,
                {{ evidence | join(", ") }},
                side,
                object_id,
                amount
            from {{ ref(pass) }}
            union all
        {% endfor %}
        {% for rule in ["offset", "opening"] %}
            select
                group_key,
                'bank' as use,
                '{{ rule }}' as match_rule,
                'matched' as match_status,
                cast(null as string) as residual_reason,
                1 as rank,
                1 as alternatives,
                {% for column in evidence %} null as {{ column }}, {% endfor %}
                side,
                object_id,
                amount
            from {{ "offsets" if rule == "offset" else "opening" }} {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    -- The same bank line may be looked at by both passes, the same item by two uses.
    told as (
        select
            group_key,
            match_status,
            object_id,
            case
                when use = 'bank' and side = 'document'
                then 'ledger'
                when use = 'bank' or (use = 'receipt' and side = 'payment')
                then 'bank'
                else 'item'
            end as kind
        from found
    ),

    overtaken as (
        select distinct proposed.group_key
        from told as proposed
        inner join
            told as matched
            on proposed.kind = matched.kind
            and proposed.object_id = matched.object_id
            and matched.match_status = 'matched'
        where proposed.match_status = 'proposed'
    ),

    identified as (
        select
            found.group_key,
            {{ stable_id(["min(use)", gathered_texts("concat(substr(side, 1, 1), object_id)")]) }}
            as match_id,
            min(match_status) as match_status,
            min(residual_reason) as residual_reason,
            min(rank) as rank,
            min(match_rule) as match_rule
        from found
        left join overtaken on found.group_key = overtaken.group_key
        where overtaken.group_key is null
        group by found.group_key
    ),

    choices as (
        select
            group_key,
            match_id,
            row_number() over (
                partition by match_id
                order by
                    match_status,
                    case when residual_reason is not null then 0 else 1 end,
                    rank,
                    match_rule,
                    group_key
            ) as choice
        from identified
    )

select choices.match_id, found.*
from found
inner join choices on found.group_key = choices.group_key and choices.choice = 1
