-- Journals; source_row is the first line of each.
select
    lines.source_sha256,
    min(lines.source_row) as source_row,
    lines.journal_code,
    sum(lines.debit) as debit,
    sum(lines.credit) as credit
from landing.ledger_lines as lines
group by lines.source_sha256, lines.journal_code
