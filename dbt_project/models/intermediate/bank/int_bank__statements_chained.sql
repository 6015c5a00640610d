-- Statements whose company is known, once each, with the chain that they belong to. In order of time a
-- statement goes on its predecessor's chain when it opens where that one closed; otherwise it begins one
-- (it overlaps, or there is a gap). Lines of one chain all count; of two chains that show the same day,
-- the fuller one counts.
with
    statements as (
        select
            files.company_id,
            files.source_file,
            files.intake_number,
            statements.*,
            row_number() over (
                partition by
                    files.company_id,
                    statements.account_number,
                    statements.statement_reference,
                    statements.sequence_number,
                    statements.from_date,
                    statements.to_date,
                    statements.opening_balance,
                    statements.closing_balance,
                    statements.entry_count,
                    statements.entry_total
                order by files.intake_number, statements.source_sha256, statements.statement_ordinal
            ) as copy_number
        from {{ ref("stg_landing__bank_statements") }} as statements
        inner join
            {{ ref("stg_landing__source_files") }} as files
            on statements.source_sha256 = files.source_sha256
            and files.status = 'landed'
        where files.company_id is not null
    ),

    ordered as (
        select
            *,
            row_number() over (
                partition by company_id, account_number, account_currency
                order by
                    from_date,
                    to_date,
                    try_cast(sequence_number as bigint),
                    created_at,
                    statement_reference,
                    source_sha256,
                    statement_ordinal
            ) as statement_order
        from statements
        where copy_number = 1
    ),

    compared as (
        select
            *,
            lag(closing_balance) over (
                partition by company_id, account_number, account_currency order by statement_order
            ) as previous_closing_balance,
            lag(to_date) over (
                partition by company_id, account_number, account_currency order by statement_order
            ) as previous_to_date
        from ordered
    )

select
    *,
    {{
        stable_id(
            [
                "company_id",
                "account_number",
                "account_currency",
                "statement_reference",
                "sequence_number",
                "from_date",
                "to_date",
                "opening_balance",
                "closing_balance",
                "entry_count",
                "entry_total",
            ]
        )
    }} as statement_id,
    sum(
        case
            when
                opening_balance = previous_closing_balance
                and (from_date >= previous_to_date or from_date is null)
            then 0
            else 1
        end
    ) over (
        partition by company_id, account_number, account_currency
        order by statement_order
        rows between unbounded preceding and current row
    ) as chain_number
from compared
