-- The lines whose key another line has too, numbered in the order of their files: few, so that only these
-- are sorted.
with
    lines as (
        select line_key, fiscal_year_end_date, source_sha256, source_row
        from {{ ref("int_ledger__lines_keyed") }}
    ),

    repeated as (select line_key from lines group by line_key having count(*) > 1)

select
    lines.source_sha256 as repeated_sha256,
    lines.source_row as repeated_row,
    row_number() over (
        partition by lines.line_key order by lines.fiscal_year_end_date, lines.source_row, lines.source_sha256
    ) as line_ordinal
from lines
inner join repeated on lines.line_key = repeated.line_key
