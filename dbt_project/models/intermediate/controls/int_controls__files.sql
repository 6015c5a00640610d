-- Every row of every file is landed or quarantined; what the manifest says landed is what the tables hold.
{% set tables = {
    "bank_statement": "bank_transactions",
    "third_parties": "third_parties",
    "invoices": "invoices",
    "e_invoice": "e_invoices",
    "disputes": "disputes",
    "promises": "promises",
    "dunning_events": "dunning_events",
    "fx_rates": "fx_rates",
    "decisions": "decisions",
} %}
with
    files as (select * from {{ ref("stg_landing__source_files") }} where status = 'landed'),

    held as (
        select source_sha256, count(*) as rows_held
        from
            (
                {% for table in tables.values() %}
                    {% if not loop.first %}
                        union all
                    {% endif %}
                    select source_sha256
                    from {{ ref("stg_landing__" ~ table) }}
                {% endfor %}
            ) as tables
        group by source_sha256
    )

select
    company_id,
    'landed_and_quarantined_equal_read' as control_name,
    source_file as subject,
    rows_read as expected,
    rows_landed + rows_quarantined as actual,
    true as is_blocking
from files

union all

select
    files.company_id,
    'landing_holds_what_the_manifest_says',
    files.source_file,
    files.rows_landed,
    coalesce(held.rows_held, 0),
    true
from files
left join held on files.source_sha256 = held.source_sha256
where files.kind in ('{{ tables | join("', '") }}')
