-- Bank lines of every chain of statements with their occurrence among identical ones: within a chain all
-- lines count; across chains (overlapping files) an identical line is the same movement, so the chain that
-- shows most decides.
with
    lines as (
        select
            statements.company_id,
            statements.statement_id,
            statements.account_number,
            statements.chain_number,
            statements.statement_order,
            statements.source_file,
            transactions.*,
            {{
                stable_id(
                    [
                        "statements.company_id",
                        "statements.account_number",
                        "transactions.booking_date",
                        "transactions.value_date",
                        "transactions.amount",
                        "transactions.currency_code",
                        "coalesce(transactions.bank_entry_reference, transactions.remittance_text, transactions.counterparty_name)",
                        "transactions.end_to_end_id",
                    ]
                )
            }}
            as line_key
        from {{ ref("stg_landing__bank_transactions") }} as transactions
        inner join
            {{ ref("int_bank__statements_chained") }} as statements
            on transactions.source_sha256 = statements.source_sha256
            and transactions.statement_ordinal = statements.statement_ordinal
    ),

    numbered as (
        select
            *,
            row_number() over (
                partition by line_key, chain_number order by statement_order, entry_ordinal, detail_ordinal
            ) as occurrence
        from lines
    )

select *, row_number() over (partition by line_key, occurrence order by chain_number) as showing
from numbered
