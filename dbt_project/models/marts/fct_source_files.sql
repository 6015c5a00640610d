-- Every file ever seen. Held and superseded exports are decided here, from what is in force.
with
    files as (select * from {{ ref("stg_landing__source_files") }}),

    exports as (select * from {{ ref("int_files__ledger_exports_ranked") }})

select
    files.source_file,
    files.source_sha256 as sha256,
    files.kind,
    files.dialect,
    files.company_id,
    files.first_seen_at,
    case
        when exports.export_status in ('held', 'superseded') then exports.export_status else files.status
    end as status,
    case
        when exports.export_status = 'held'
        then {{ why_held("exports", "en") }}
        when exports.export_status = 'superseded'
        then 'a newer export of the same fiscal year is in force'
        else files.reason
    end as reason,
    files.rows_read,
    files.rows_landed,
    files.rows_quarantined,
    files.total_debit,
    files.total_credit,
    files.period_start,
    files.period_end,
    exports.fiscal_year_end_date
from files
left join
    exports
    on files.source_file = exports.source_file
    and files.source_sha256 = exports.source_sha256
    and files.status = 'landed'
