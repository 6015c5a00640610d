-- Statements, reports and notifications whose company is known, their accounts by the names that they share.
-- The same statement in two files is there once, the one that says most of its entries: files of two
-- formats that go from one balance to the same other one by the same day tell the same movements. What two
-- reports or notifications share is told by their lines.
with
    line_counts as (
        select source_sha256, statement_ordinal, count(*) as line_count
        from {{ ref("stg_landing__bank_transactions") }}
        group by source_sha256, statement_ordinal
    ),

    on_files as (
        select
            files.company_id,
            files.source_file,
            files.intake_number,
            statements.*,
            coalesce(line_counts.line_count, 0) as line_count,
            case
                when statements.statement_kind <> 'statement'
                then concat_ws('/', statements.source_sha256, cast(statements.statement_ordinal as string))
            end as own_place
        from {{ ref("stg_landing__bank_statements") }} as statements
        left join
            line_counts
            on statements.source_sha256 = line_counts.source_sha256
            and statements.statement_ordinal = line_counts.statement_ordinal
        inner join
            {{ ref("stg_landing__source_files") }} as files
            on statements.source_sha256 = files.source_sha256
            and files.status = 'landed'
        where files.company_id is not null
    ),

    statements as (
        select
            on_files.company_id,
            names.iban_or_number as account_number,
            on_files.source_file,
            on_files.intake_number,
            on_files.source_sha256,
            on_files.source_row,
            on_files.statement_ordinal,
            on_files.statement_kind,
            on_files.statement_reference,
            on_files.sequence_number,
            on_files.account_currency,
            on_files.created_at,
            on_files.from_date,
            on_files.to_date,
            on_files.opening_balance,
            on_files.closing_balance,
            on_files.entry_count,
            on_files.entry_total,
            on_files.line_count,
            on_files.own_place,
            coalesce(on_files.opening_balance <> on_files.closing_balance, false) as is_told_by_balances
        from on_files
        inner join
            {{ ref("int_bank__account_names") }} as names
            on on_files.company_id = names.company_id
            and on_files.account_number = names.account_number
    ),

    copies as (
        select
            *,
            row_number() over (
                partition by
                    company_id,
                    account_number,
                    account_currency,
                    to_date,
                    opening_balance,
                    closing_balance,
                    entry_total,
                    own_place,
                    -- Between two different balances there is one way; from a balance to itself any number.
                    case when not is_told_by_balances then statement_reference end,
                    case when not is_told_by_balances then sequence_number end,
                    case when not is_told_by_balances then from_date end,
                    case when not is_told_by_balances then entry_count end
                order by line_count desc, intake_number, source_sha256, statement_ordinal
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
