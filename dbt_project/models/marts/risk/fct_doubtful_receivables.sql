-- Receivables that the firm may not get, item by item, and what either view writes down of them: the
-- specific one by the reason, the matrix by segment and age. On the amount without VAT, which the State
-- gives back.
with
    receivables as (select * from {{ ref("int_risk__receivables") }}),

    broken as (select distinct item_id from {{ ref("int_risk__broken_promises") }}),

    judged as (
        select
            receivables.*,
            broken.item_id is not null as has_broken_promise,
            coalesce(receivables.days_past_due, 0) > {{ var("doubtful_after_days") }} as is_long_overdue,
            case
                when receivables.is_doubtful
                then 'already_doubtful'
                when coalesce(receivables.days_past_due, 0) > {{ var("doubtful_after_days") }}
                then 'long_overdue'
                when receivables.disputed_amount > 0
                then 'disputed'
                when broken.item_id is not null
                then 'broken_promise'
            end as doubtful_reason
        from receivables
        left join broken on receivables.item_id = broken.item_id
    )

select
    judged.as_of_date,
    judged.item_id,
    judged.company_id,
    judged.third_party_id,
    judged.document_ref,
    judged.document_date,
    judged.due_date,
    judged.days_past_due,
    judged.ageing_bucket_code,
    judged.is_doubtful,
    judged.is_long_overdue,
    cast(judged.disputed_amount as decimal(18, 2)) as disputed_amount,
    judged.has_broken_promise,
    judged.doubtful_reason,
    judged.open_amount,
    judged.projected_open_amount,
    judged.amount_excluding_vat,
    reasons.depreciation_rate as specific_rate,
    cast(
        round(judged.amount_excluding_vat * reasons.depreciation_rate, 2) as decimal(18, 2)
    ) as specific_amount,
    matrix.loss_rate as matrix_rate,
    cast(round(judged.amount_excluding_vat * matrix.loss_rate, 2) as decimal(18, 2)) as matrix_amount,
    companies.base_currency
from judged
inner join {{ ref("doubtful_reasons") }} as reasons on judged.doubtful_reason = reasons.doubtful_reason
left join
    {{ ref("int_third_parties__listed") }} as third_parties
    on judged.third_party_id = third_parties.third_party_id
left join
    {{ ref("fct_provision_matrix") }} as matrix
    on judged.company_id = matrix.company_id
    and coalesce(third_parties.segment, 'none') = matrix.segment
    and judged.ageing_bucket_code = matrix.ageing_bucket_code
left join {{ ref("int_companies__known") }} as companies on judged.company_id = companies.company_id
