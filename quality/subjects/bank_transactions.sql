-- Every landed movement, beside the currency and the days of its statement. A counterparty comes many times: its
-- check digits are worked out once.
with
    counterparties as (
        select transactions.counterparty_iban, has_wrong_iban(transactions.counterparty_iban) as has_wrong_digits
        from landing.bank_transactions as transactions
        group by transactions.counterparty_iban
    )
select
    transactions.*,
    counterparties.has_wrong_digits as has_wrong_counterparty_iban,
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
left join counterparties on transactions.counterparty_iban = counterparties.counterparty_iban
