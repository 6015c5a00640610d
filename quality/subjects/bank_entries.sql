-- Entries of statements: one row each, or one row per detail.
select
    transactions.source_sha256,
    min(transactions.source_row) as source_row,
    max(transactions.entry_amount) as entry_amount,
    sum(transactions.amount) as amount
from landing.bank_transactions as transactions
group by transactions.source_sha256, transactions.statement_ordinal, transactions.entry_ordinal
