-- Yearly rates of late payment penalties, day by day without a gap: that of the European Central Bank on
-- the first day of the half-year and ten points, or the contract's, which is at least three times the legal
-- rate (article L441-10 II of the Code de commerce). A half-year whose rates nobody has told is reckoned
-- with the last ones known, and says so.
with
    told as (
        select from_date, ecb_percent, legal_percent
        from {{ source("settings", "legal_rates") }}
        union all
        select from_date, ecb_percent, legal_percent
        from {{ ref("legal_rates") }} as known
        where
            not exists (
                select 1
                from {{ source("settings", "legal_rates") }} as own
                where own.from_date = known.from_date
            )
    ),

    half_years as (
        select
            *,
            {{ plus_days(plus_months("from_date", 6), -1) }} as last_date,
            coalesce(
                {{ plus_days("lead(from_date) over (order by from_date)", -1) }}, date '9999-12-31'
            ) as day_before_next
        from told
    ),

    periods as (
        select
            from_date,
            least(last_date, day_before_next) as to_date,
            ecb_percent,
            legal_percent,
            true as is_published
        from half_years
        union all
        select {{ plus_days("last_date", 1) }}, day_before_next, ecb_percent, legal_percent, false
        from half_years
        where day_before_next > last_date
    )

select
    periods.from_date,
    periods.to_date,
    periods.is_published,
    case
        when penalties.contractual_percent = 0
        then 'legal_default'
        when penalties.contractual_percent < 3 * periods.legal_percent
        then 'legal_floor'
        else 'contractual'
    end as rate_kind,
    cast(
        case
            when penalties.contractual_percent = 0
            then periods.ecb_percent + 10
            else greatest(penalties.contractual_percent, 3 * periods.legal_percent)
        end as decimal(7, 2)
    ) as rate_percent,
    penalties.fixed_compensation,
    penalties.compensation_currency
from periods
cross join {{ source("settings", "penalties") }} as penalties
