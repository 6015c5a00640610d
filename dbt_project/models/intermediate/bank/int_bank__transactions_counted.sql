-- Bank lines of statements, and of reports where no statement covers their day, with their occurrence among
-- identical ones: within a chain of statements all lines count; across chains (overlapping files) and across
-- reports an identical line is the same movement, so what shows most decides.
with
    lines as (
        select
            *,
            case
                when statement_kind = 'statement' then cast(chain_number as string) else statement_id
            end as shown_by
        from {{ ref("int_bank__lines_keyed") }}
        where statement_kind = 'statement' or (statement_kind = 'report' and not is_covered)
    ),

    numbered as (
        select
            *,
            row_number() over (
                partition by line_key, statement_kind, shown_by
                order by statement_order, entry_ordinal, detail_ordinal
            ) as occurrence
        from lines
    )

select
    *,
    row_number() over (
        partition by line_key, occurrence
        order by statement_kind desc, chain_number, intake_number, statement_id
    ) as showing
from numbered
