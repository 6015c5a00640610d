-- Every line of the exports in force, less those that a later partial export replaces. A view: the lines
-- are wide, and writing them twice costs more than reading the landed columns that each model needs.
{{ config(materialized="view") }}

with
    exports as (select * from {{ ref("int_files__ledger_exports_ranked") }} where export_status = 'in_force'),

    parts as (
        select
            exports.company_id,
            exports.fiscal_year_end_date,
            exports.source_sha256,
            exports.intake_number,
            exports.modified_at,
            declared.journal_code,
            declared.from_date,
            declared.to_date
        from exports
        inner join
            {{ source("settings", "partial_exports") }} as declared
            on exports.source_file = declared.source_file
    ),

    replaced as (
        select distinct lines.source_sha256, lines.source_row
        from {{ ref("stg_landing__ledger_lines") }} as lines
        inner join exports on lines.source_sha256 = exports.source_sha256
        inner join
            parts
            on exports.company_id = parts.company_id
            and exports.fiscal_year_end_date = parts.fiscal_year_end_date
            and exports.source_sha256 <> parts.source_sha256
            and (
                parts.intake_number > exports.intake_number
                or (parts.intake_number = exports.intake_number and parts.modified_at >= exports.modified_at)
            )
            and (parts.journal_code is null or parts.journal_code = lines.journal_code)
            and (parts.from_date is null or lines.entry_date >= parts.from_date)
            and (parts.to_date is null or lines.entry_date <= parts.to_date)
    )

select exports.company_id, exports.fiscal_year_end_date, exports.source_file, lines.*
from {{ ref("stg_landing__ledger_lines") }} as lines
inner join exports on lines.source_sha256 = exports.source_sha256
left join replaced on lines.source_sha256 = replaced.source_sha256 and lines.source_row = replaced.source_row
where replaced.source_sha256 is null
