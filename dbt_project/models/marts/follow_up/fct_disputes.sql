with
    context as (select as_of_date from {{ source("run", "context") }}),

    disputes as (select * from {{ ref("int_follow_up__facts") }} where fact_kind = 'dispute' and is_found),

    owed as (
        select dispute_id, sum(case when is_carried_on then 0 else owed_amount end) as owed_amount
        from {{ ref("int_follow_up__disputes") }}
        group by dispute_id
    ),

    at_stake as (
        select dispute_id, sum(disputed_amount) as amount_at_stake
        from {{ ref("int_follow_up__disputed_items") }}
        group by dispute_id
    ),

    companies as (select company_id, base_currency from {{ ref("int_companies__known") }})

select
    disputes.fact_id as dispute_id,
    context.as_of_date,
    disputes.company_id,
    disputes.ledger_side,
    disputes.third_party_id,
    disputes.document_ref,
    disputes.told_on as opened_on,
    disputes.closed_on,
    disputes.reason,
    cast(coalesce(disputes.told_amount, owed.owed_amount, 0) as decimal(18, 2)) as disputed_amount,
    cast(coalesce(at_stake.amount_at_stake, 0) as decimal(18, 2)) as amount_at_stake,
    case
        when disputes.closed_on is not null
        then 'closed'
        when at_stake.amount_at_stake is null
        then 'settled'
        else 'open'
    end as status,
    {{ days_between("disputes.told_on", "coalesce(disputes.closed_on, context.as_of_date)") }} as age_days,
    disputes.source,
    companies.base_currency
from disputes
cross join context
left join owed on disputes.fact_id = owed.dispute_id
left join at_stake on disputes.fact_id = at_stake.dispute_id
left join companies on disputes.company_id = companies.company_id
