-- The aged balance at every date for which a set was written, as known on each day that wrote one.
with companies as (select company_id, base_currency from {{ ref("int_companies__known") }})

select
    history.run_id,
    history.as_of_date,
    history.known_at_date,
    history.company_id,
    history.ledger_side,
    history.third_party_id,
    history.currency_code,
    history.ageing_bucket_code,
    history.open_amount,
    history.item_count,
    companies.base_currency
from {{ source("history", "fct_ageing_snapshots") }} as history
inner join
    {{ ref("int_ageing__sets_kept") }} as kept
    on history.run_id = kept.run_id
    and history.as_of_date = kept.as_of_date
    and history.known_at_date = kept.known_at_date
left join companies on history.company_id = companies.company_id

union all

select
    written.run_id,
    written.as_of_date,
    written.known_at_date,
    items.company_id,
    items.ledger_side,
    items.third_party_id,
    coalesce(items.currency_code, companies.base_currency) as currency_code,
    items.ageing_bucket_code,
    cast(sum(items.open_amount) as decimal(18, 2)) as open_amount,
    count(*) as item_count,
    companies.base_currency
from {{ ref("int_ageing__items_at_dates") }} as items
inner join {{ ref("int_ageing__sets_written") }} as written on items.as_of_date = written.as_of_date
left join companies on items.company_id = companies.company_id
group by
    written.run_id,
    written.as_of_date,
    written.known_at_date,
    items.company_id,
    items.ledger_side,
    items.third_party_id,
    coalesce(items.currency_code, companies.base_currency),
    items.ageing_bucket_code,
    companies.base_currency
