{#
  What a pass has found: a row per member of a match group, with the rule, the status and the evidence of its group. The
  stages tell pairs, the solver tells members.
#}
{% macro found_members(stages, solved) %}
    with
        pairs as (
            {% for stage in stages %}
                select {{ stage_columns() }} from {{ stage }} {{ "union all" if not loop.last }}
            {% endfor %}
        ),

        grouped as (
            select
                use,
                group_id,
                match_rule,
                match_status,
                residual_reason,
                min(reference_key) as reference_key,
                max(documents_named) as documents_named,
                min(party_basis) as party_basis,
                max(words_shared) as words_shared,
                max(words_compared) as words_compared,
                max(days) as days,
                max(accidents) as accidents,
                min(margin) as margin
            from pairs
            group by use, group_id, match_rule, match_status, residual_reason
        ),

        sides as (
            select
                use,
                group_id,
                match_rule,
                'payment' as side,
                payment_id as object_id,
                payment_amount as amount
            from pairs
            union
            select
                use,
                group_id,
                match_rule,
                'document' as side,
                document_id as object_id,
                document_amount as amount
            from pairs
        )

    select
        concat_ws('|', grouped.use, grouped.match_rule, grouped.group_id) as group_key,
        grouped.use,
        grouped.match_rule,
        grouped.match_status,
        grouped.residual_reason,
        cast(1 as integer) as rank,
        cast(1 as bigint) as alternatives,
        grouped.reference_key,
        grouped.documents_named,
        grouped.party_basis,
        grouped.words_shared,
        grouped.words_compared,
        grouped.days,
        grouped.accidents,
        grouped.margin,
        cast(null as decimal(9, 4)) as weight,
        cast(null as bigint) as pool_size,
        sides.side,
        sides.object_id,
        sides.amount
    from grouped
    inner join
        sides
        on grouped.use = sides.use
        and grouped.group_id = sides.group_id
        and grouped.match_rule = sides.match_rule

    union all

    select
        concat_ws('|', use, 'solved', cast(group_number as string)) as group_key,
        use,
        rule as match_rule,
        status as match_status,
        cast(null as string) as residual_reason,
        rank,
        alternatives,
        cast(null as string) as reference_key,
        cast(null as bigint) as documents_named,
        cast(null as string) as party_basis,
        cast(null as bigint) as words_shared,
        cast(null as bigint) as words_compared,
        cast(null as integer) as days,
        accidents,
        margin,
        weight,
        pool_size,
        side,
        object_id,
        amount
    from {{ solved }} as solved
{% endmacro %}
