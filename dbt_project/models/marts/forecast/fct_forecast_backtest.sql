-- Only weeks that the books cover to their last day: the others are not known yet.
with
    weeks as (select * from {{ ref("int_forecast__weeks") }} where actual_amount is not null),

    context as (select as_of_date from {{ source("run", "context") }})

select
    weeks.as_of_date as origin_date,
    weeks.company_id,
    weeks.customer_group,
    weeks.week_number,
    weeks.week_start_date,
    weeks.week_end_date,
    {% for column, name in [
        ("expected_amount", "forecast_amount"),
        ("p10_amount", "p10_amount"),
        ("p50_amount", "p50_amount"),
        ("p90_amount", "p90_amount"),
        ("actual_amount", "actual_amount"),
        ("due_date_amount", "baseline_due_date_amount"),
        ("average_lateness_amount", "baseline_average_lateness_amount"),
    ] %}
        cast(
            cast(weeks.{{ column }} as decimal(18, 0)) * cast(0.01 as decimal(3, 2)) as decimal(18, 2)
        ) as {{ name }},
    {% endfor %}
    companies.base_currency
from weeks
inner join context on weeks.as_of_date < context.as_of_date
left join {{ ref("int_companies__known") }} as companies on weeks.company_id = companies.company_id
