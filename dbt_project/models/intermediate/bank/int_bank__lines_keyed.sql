-- Every line of a statement, report or notification, with the key that equal lines share. A line of a
-- report or notification is covered where a chain of statements speaks of its day: there the statements
-- count.
with
    lines as (
        select
            statements.company_id,
            statements.account_number,
            statements.statement_id,
            statements.statement_kind,
            statements.source_file,
            statements.intake_number,
            chained.chain_number,
            chained.statement_order,
            transactions.*,
            coalesce(
                transactions.entry_reference,
                case when transactions.detail_ordinal = 0 then transactions.bank_entry_reference end
            ) as whole_entry_reference,
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
            {{ ref("int_bank__statements_listed") }} as statements
            on transactions.source_sha256 = statements.source_sha256
            and transactions.statement_ordinal = statements.statement_ordinal
        left join
            {{ ref("int_bank__statements_chained") }} as chained
            on statements.statement_id = chained.statement_id
    ),

    chain_periods as (
        select
            company_id,
            account_number,
            account_currency,
            chain_number,
            min(from_date) as from_date,
            max(to_date) as to_date
        from {{ ref("int_bank__statements_chained") }}
        group by company_id, account_number, account_currency, chain_number
    ),

    days_covered as (
        select distinct lines.company_id, lines.account_number, lines.currency_code, lines.booking_date
        from lines
        inner join
            chain_periods
            on lines.company_id = chain_periods.company_id
            and lines.account_number = chain_periods.account_number
            and lines.currency_code = coalesce(chain_periods.account_currency, lines.currency_code)
            and lines.booking_date between chain_periods.from_date and chain_periods.to_date
        where lines.statement_kind <> 'statement'
    )

select lines.*, days_covered.booking_date is not null as is_covered
from lines
left join
    days_covered
    on lines.company_id = days_covered.company_id
    and lines.account_number = days_covered.account_number
    and lines.currency_code = days_covered.currency_code
    and lines.booking_date = days_covered.booking_date
    and lines.statement_kind <> 'statement'
