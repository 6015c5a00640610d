-- Loss rates by customer segment and age band: the company's own of the segment where enough items were
-- seen, else its own of the band, else the standard's example.
with
    third_parties as (
        select third_party_id, coalesce(segment, 'none') as segment
        from {{ ref("int_third_parties__listed") }}
    ),

    seen as (
        select
            losses.company_id,
            third_parties.segment,
            losses.ageing_bucket_code,
            sum(losses.item_count) as item_count,
            sum(losses.observed_amount) as observed_amount,
            sum(losses.lost_amount) as lost_amount
        from {{ ref("int_risk__losses") }} as losses
        inner join third_parties on losses.third_party_id = third_parties.third_party_id
        group by losses.company_id, third_parties.segment, losses.ageing_bucket_code
    ),

    seen_of_company as (
        select
            company_id,
            ageing_bucket_code,
            sum(item_count) as item_count,
            sum(observed_amount) as observed_amount,
            sum(lost_amount) as lost_amount
        from seen
        group by company_id, ageing_bucket_code
    ),

    open_now as (
        select
            receivables.company_id,
            third_parties.segment,
            receivables.ageing_bucket_code,
            count(*) as item_count,
            sum(receivables.projected_open_amount) as open_amount,
            sum(receivables.amount_excluding_vat) as amount_excluding_vat
        from {{ ref("int_risk__receivables") }} as receivables
        inner join third_parties on receivables.third_party_id = third_parties.third_party_id
        where receivables.status in ('not_due', 'overdue')
        group by receivables.company_id, third_parties.segment, receivables.ageing_bucket_code
    ),

    cells as (
        select company_id, segment, ageing_bucket_code
        from open_now
        union
        select company_id, segment, ageing_bucket_code
        from seen
    ),

    rated as (
        select
            cells.*,
            coalesce(seen.item_count, 0) as observed_item_count,
            coalesce(seen.observed_amount, 0) as observed_amount,
            coalesce(seen.lost_amount, 0) as lost_amount,
            coalesce(open_now.open_amount, 0) as open_amount,
            coalesce(open_now.amount_excluding_vat, 0) as amount_excluding_vat,
            case
                when seen.item_count >= {{ var("least_items_observed") }}
                then 'segment'
                when seen_of_company.item_count >= {{ var("least_items_observed") }}
                then 'company'
                else 'standard'
            end as rate_source,
            {{ portion_of("seen.lost_amount", "seen.observed_amount") }} as segment_rate,
            {{ portion_of("seen_of_company.lost_amount", "seen_of_company.observed_amount") }}
            as company_rate,
            standards.standard_rate
        from cells
        inner join
            {{ ref("provision_rates") }} as standards
            on cells.ageing_bucket_code = standards.ageing_bucket_code
        left join
            seen
            on cells.company_id = seen.company_id
            and cells.segment = seen.segment
            and cells.ageing_bucket_code = seen.ageing_bucket_code
        left join
            seen_of_company
            on cells.company_id = seen_of_company.company_id
            and cells.ageing_bucket_code = seen_of_company.ageing_bucket_code
        left join
            open_now
            on cells.company_id = open_now.company_id
            and cells.segment = open_now.segment
            and cells.ageing_bucket_code = open_now.ageing_bucket_code
    ),

    chosen as (
        select
            *,
            case
                rate_source
                when 'segment'
                then segment_rate
                when 'company'
                then company_rate
                else standard_rate
            end as loss_rate
        from rated
    )

select
    context.as_of_date,
    chosen.company_id,
    chosen.segment,
    chosen.ageing_bucket_code,
    cast(chosen.observed_item_count as bigint) as observed_item_count,
    cast(chosen.observed_amount as decimal(18, 2)) as observed_amount,
    cast(chosen.lost_amount as decimal(18, 2)) as lost_amount,
    chosen.segment_rate,
    chosen.company_rate,
    chosen.standard_rate,
    chosen.rate_source,
    cast(chosen.loss_rate as decimal(9, 4)) as loss_rate,
    cast(chosen.open_amount as decimal(18, 2)) as open_amount,
    cast(chosen.amount_excluding_vat as decimal(18, 2)) as amount_excluding_vat,
    cast(round(chosen.amount_excluding_vat * chosen.loss_rate, 2) as decimal(18, 2)) as expected_loss_amount,
    companies.base_currency
from chosen
cross join {{ source("run", "context") }} as context
left join {{ ref("int_companies__known") }} as companies on chosen.company_id = companies.company_id
