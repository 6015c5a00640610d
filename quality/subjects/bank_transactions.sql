-- Every landed movement, beside the currency and the days of its statement.
select
    transactions.*,
    statements.account_currency,
    coalesce(statements.from_date, statements.opening_date) as statement_from,
    coalesce(statements.to_date, statements.closing_date) as statement_to,
    files.known_at_date
from landing.bank_transactions as transactions
join checked_files as files on transactions.source_sha256 = files.source_sha256
left join
    landing.bank_statements as statements
    on transactions.source_sha256 = statements.source_sha256
    and transactions.statement_ordinal = statements.statement_ordinal
