with
    item_weeks as (select * from {{ ref("int_forecast__item_weeks") }}),

    context as (select as_of_date from {{ source("run", "context") }}),

    weeks as (
        select distinct weeks.week_number, weeks.week_start_date, weeks.week_end_date
        from {{ ref("int_forecast__weeks") }} as weeks
        inner join context on weeks.as_of_date = context.as_of_date
    )

select
    context.as_of_date,
    item_weeks.item_id,
    items.company_id,
    items.third_party_id,
    items.customer_group,
    item_weeks.week_number,
    weeks.week_start_date,
    weeks.week_end_date,
    cast(
        cast(item_weeks.probability as decimal(9, 0)) * cast(0.000001 as decimal(7, 6)) as decimal(9, 6)
    ) as probability,
    cast(
        cast(item_weeks.expected_amount as decimal(18, 0)) * cast(0.01 as decimal(3, 2)) as decimal(18, 2)
    ) as expected_amount,
    companies.base_currency
from item_weeks
cross join context
inner join {{ ref("int_forecast__items") }} as items on item_weeks.item_id = items.item_id
inner join weeks on item_weeks.week_number = weeks.week_number
left join {{ ref("int_companies__known") }} as companies on items.company_id = companies.company_id
