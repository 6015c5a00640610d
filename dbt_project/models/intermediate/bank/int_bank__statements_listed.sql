-- Statements, reports and notifications whose company is known. The same statement in two files is there
-- once;
-- what two reports or notifications share is told by their lines.
with
    statements as (
        select
            files.company_id,
            files.source_file,
            files.intake_number,
            statements.*,
            case
                when statements.statement_kind <> 'statement'
                then concat_ws('/', statements.source_sha256, cast(statements.statement_ordinal as string))
            end as own_place
        from {{ ref("stg_landing__bank_statements") }} as statements
        inner join
            {{ ref("stg_landing__source_files") }} as files
            on statements.source_sha256 = files.source_sha256
            and files.status = 'landed'
        where files.company_id is not null
    ),

    copies as (
        select
            *,
            row_number() over (
                partition by
                    company_id,
                    account_number,
                    account_currency,
                    statement_reference,
                    sequence_number,
                    from_date,
                    to_date,
                    opening_balance,
                    closing_balance,
                    entry_count,
                    entry_total,
                    own_place
                order by intake_number, source_sha256, statement_ordinal
            ) as copy_number
        from statements
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
                "own_place",
            ]
        )
    }} as statement_id
from copies
where copy_number = 1
