with
    weeks as (select * from {{ ref("int_forecast__weeks") }}),

    context as (select as_of_date from {{ source("run", "context") }})

select
    weeks.as_of_date,
    weeks.company_id,
    weeks.customer_group,
    weeks.week_number,
    weeks.week_start_date,
    weeks.week_end_date,
    {% for column in ["expected_amount", "p10_amount", "p50_amount", "p90_amount"] %}
        cast(
            cast(weeks.{{ column }} as decimal(18, 0)) * cast(0.01 as decimal(3, 2)) as decimal(18, 2)
        ) as {{ column }},
    {% endfor %}
    companies.base_currency
from weeks
inner join context on weeks.as_of_date = context.as_of_date
left join {{ ref("int_companies__known") }} as companies on weeks.company_id = companies.company_id
