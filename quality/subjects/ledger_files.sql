-- Ledger files as wholes, hence without a line.
select
    lines.source_sha256,
    cast(null as bigint) as source_row,
    sum(lines.debit) as debit,
    sum(lines.credit) as credit
from landing.ledger_lines as lines
group by lines.source_sha256
