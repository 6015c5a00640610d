-- Every landed statement, beside what landed of its entries.
with
    landed as (
        select
            transactions.source_sha256,
            transactions.statement_ordinal,
            count(distinct transactions.entry_ordinal) as landed_entry_count,
            sum(transactions.amount) as landed_total
        from landing.bank_transactions as transactions
        group by transactions.source_sha256, transactions.statement_ordinal
    )
select
    statements.*,
    coalesce(landed.landed_entry_count, 0) as landed_entry_count,
    coalesce(landed.landed_total, 0) as landed_total,
    files.known_at_date
from landing.bank_statements as statements
join checked_files as files on statements.source_sha256 = files.source_sha256
left join
    landed
    on statements.source_sha256 = landed.source_sha256
    and statements.statement_ordinal = landed.statement_ordinal
