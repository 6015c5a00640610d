-- Entries: an export that numbers every entry 0, or none, still has one journal and one date for each.
select
    lines.source_sha256,
    min(lines.source_row) as source_row,
    lines.journal_code,
    lines.entry_number,
    lines.entry_date,
    sum(lines.debit) as debit,
    sum(lines.credit) as credit
from landing.ledger_lines as lines
group by lines.source_sha256, lines.journal_code, lines.entry_number, lines.entry_date
