-- Which export of a company and fiscal year is in force: a fold over its exports in the order in which
-- they came. Newest = latest entry date, then latest validation or lettering date, then file time, then
-- hash. An export that lost more lines than the settings allow, or that ends earlier than the one in force
-- though its file is younger, is held until someone accepts it.
with recursive
    context as (select largest_shrink_percent from {{ source("run", "context") }}),

    exports as (
        select
            *,
            row_number() over (
                partition by company_id, fiscal_year_end_date
                order by
                    intake_number,
                    period_end,
                    coalesce(latest_change_date, date '1900-01-01'),
                    modified_at,
                    source_sha256
            ) as arrival_order
        from {{ ref("int_files__ledger_exports_dated") }}
        where not is_partial
    ),

    fold as (
        select
            company_id,
            fiscal_year_end_date,
            arrival_order,
            source_sha256,
            'replaces' as outcome,
            cast(null as string) as held_because,
            source_sha256 as force_sha256,
            source_file as force_file,
            rows_landed as force_rows,
            period_end as force_period_end,
            latest_change_date as force_change_date,
            modified_at as force_modified_at,
            cast(null as string) as compared_file,
            cast(null as bigint) as compared_rows,
            cast(null as date) as compared_period_end
        from exports
        where arrival_order = 1

        union all

        select
            judged.company_id,
            judged.fiscal_year_end_date,
            judged.arrival_order,
            judged.source_sha256,
            judged.outcome,
            case
                when judged.outcome <> 'held'
                then null
                when judged.is_older
                then 'ends_earlier'
                else 'shrinks'
            end as held_because,
            case when judged.outcome = 'replaces' then judged.source_sha256 else judged.force_sha256 end,
            case when judged.outcome = 'replaces' then judged.source_file else judged.force_file end,
            case when judged.outcome = 'replaces' then judged.rows_landed else judged.force_rows end,
            case when judged.outcome = 'replaces' then judged.period_end else judged.force_period_end end,
            case
                when judged.outcome = 'replaces' then judged.latest_change_date else judged.force_change_date
            end,
            case when judged.outcome = 'replaces' then judged.modified_at else judged.force_modified_at end,
            judged.force_file,
            judged.force_rows,
            judged.force_period_end
        from
            (
                select
                    compared.*,
                    case
                        when is_accepted
                        then 'replaces'
                        when is_older and period_end < force_period_end and modified_at > force_modified_at
                        then 'held'
                        when is_older
                        then 'older'
                        when rows_landed * 100 < force_rows * (100 - largest_shrink_percent)
                        then 'held'
                        else 'replaces'
                    end as outcome
                from
                    (
                        select
                            exports.*,
                            fold.force_sha256,
                            fold.force_file,
                            fold.force_rows,
                            fold.force_period_end,
                            fold.force_change_date,
                            fold.force_modified_at,
                            context.largest_shrink_percent,
                            case
                                when exports.period_end <> fold.force_period_end
                                then exports.period_end < fold.force_period_end
                                when
                                    coalesce(exports.latest_change_date, date '1900-01-01')
                                    <> coalesce(fold.force_change_date, date '1900-01-01')
                                then
                                    coalesce(exports.latest_change_date, date '1900-01-01')
                                    < coalesce(fold.force_change_date, date '1900-01-01')
                                when exports.modified_at <> fold.force_modified_at
                                then exports.modified_at < fold.force_modified_at
                                else exports.source_sha256 < fold.force_sha256
                            end as is_older
                        from fold
                        inner join
                            exports
                            on fold.company_id = exports.company_id
                            and fold.fiscal_year_end_date = exports.fiscal_year_end_date
                            and fold.arrival_order + 1 = exports.arrival_order
                        cross join context
                    ) as compared
            ) as judged
    ),

    last_step as (
        select company_id, fiscal_year_end_date, max(arrival_order) as last_order
        from fold
        group by company_id, fiscal_year_end_date
    ),

    in_force as (
        select
            fold.company_id,
            fold.fiscal_year_end_date,
            fold.force_sha256,
            exports.arrival_order as force_order
        from fold
        inner join
            last_step
            on fold.company_id = last_step.company_id
            and fold.fiscal_year_end_date = last_step.fiscal_year_end_date
            and fold.arrival_order = last_step.last_order
        inner join
            exports
            on fold.company_id = exports.company_id
            and fold.fiscal_year_end_date = exports.fiscal_year_end_date
            and fold.force_sha256 = exports.source_sha256
    )

select
    exports.company_id,
    exports.source_file,
    exports.source_sha256,
    exports.fiscal_year_end_date,
    exports.intake_number,
    exports.modified_at,
    exports.rows_landed,
    exports.total_debit,
    exports.total_credit,
    exports.period_start,
    exports.period_end,
    false as is_partial,
    case
        when exports.source_sha256 = in_force.force_sha256
        then 'in_force'
        when fold.outcome = 'held' and exports.arrival_order > in_force.force_order
        then 'held'
        else 'superseded'
    end as export_status,
    fold.held_because,
    fold.compared_file,
    fold.compared_rows,
    fold.compared_period_end
from exports
inner join
    fold
    on exports.company_id = fold.company_id
    and exports.fiscal_year_end_date = fold.fiscal_year_end_date
    and exports.arrival_order = fold.arrival_order
inner join
    in_force
    on exports.company_id = in_force.company_id
    and exports.fiscal_year_end_date = in_force.fiscal_year_end_date

union all

-- A partial export is in force unless a full export of its year came after it; its lines replace older
-- ones below.
select
    parts.company_id,
    parts.source_file,
    parts.source_sha256,
    parts.fiscal_year_end_date,
    parts.intake_number,
    parts.modified_at,
    parts.rows_landed,
    parts.total_debit,
    parts.total_credit,
    parts.period_start,
    parts.period_end,
    true as is_partial,
    case when count(later.source_sha256) > 0 then 'superseded' else 'in_force' end as export_status,
    cast(null as string) as held_because,
    cast(null as string) as compared_file,
    cast(null as bigint) as compared_rows,
    cast(null as date) as compared_period_end
from {{ ref("int_files__ledger_exports_dated") }} as parts
left join
    in_force
    on parts.company_id = in_force.company_id
    and parts.fiscal_year_end_date = in_force.fiscal_year_end_date
left join
    exports as later
    on in_force.company_id = later.company_id
    and in_force.force_sha256 = later.source_sha256
    and (
        later.intake_number > parts.intake_number
        or (later.intake_number = parts.intake_number and later.modified_at > parts.modified_at)
    )
where parts.is_partial
group by
    parts.company_id,
    parts.source_file,
    parts.source_sha256,
    parts.fiscal_year_end_date,
    parts.intake_number,
    parts.modified_at,
    parts.rows_landed,
    parts.total_debit,
    parts.total_credit,
    parts.period_start,
    parts.period_end
