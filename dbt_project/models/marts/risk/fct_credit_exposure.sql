-- What a customer may cost: what is open once what is matched is counted, bills that are not yet due and
-- those that the bank has discounted,
-- against the limit (credits that wait are shown apart), with a score whose parts are shown and an advice
-- with its reason.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    open_items as (
        select
            open_items.company_id,
            open_items.third_party_id,
            open_items.projected_open_amount as open_amount,
            open_items.days_past_due,
            open_items.status,
            open_items.is_doubtful,
            items.account_role
        from {{ ref("fct_open_items") }} as open_items
        inner join {{ ref("int_items__posted") }} as items on open_items.item_id = items.item_id
        where
            items.account_role in ('customer', 'customer_bill', 'customer_doubtful')
            and open_items.projected_open_amount <> 0
    ),

    -- The bank has paid a discounted bill, and takes the money back when the customer does not pay.
    discounted as (
        select bills.company_id, bills.third_party_id, sum(settlements.amount) as discounted_amount
        from {{ ref("int_items__settlements") }} as settlements
        inner join {{ ref("int_items__posted") }} as bills on settlements.owed_item_id = bills.item_id
        inner join
            context
            on settlements.effective_date <= context.as_of_date
            and bills.due_date > context.as_of_date
        left join
            {{ ref("int_behaviour__returns") }} as returns
            on settlements.settling_item_id = returns.payment_item_id
            and returns.returned_date <= context.as_of_date
        where
            bills.account_role = 'customer_bill'
            and settlements.settlement_kind = 'payment'
            and returns.return_item_id is null
        group by bills.company_id, bills.third_party_id
    ),

    open_sums as (
        select
            company_id,
            third_party_id,
            sum(
                case when open_amount > 0 and account_role <> 'customer_bill' then open_amount else 0 end
            ) as receivable_amount,
            sum(
                case when open_amount > 0 and account_role = 'customer_bill' then open_amount else 0 end
            ) as bill_amount,
            sum(case when open_amount < 0 then open_amount else 0 end) as unapplied_amount,
            sum(case when is_doubtful and open_amount > 0 then open_amount else 0 end) as doubtful_amount,
            sum(case when status = 'overdue' then open_amount else 0 end) as overdue_amount,
            max(case when status = 'overdue' then days_past_due end) as oldest_overdue_days
        from open_items
        group by company_id, third_party_id
    ),

    customers as (
        select company_id, third_party_id
        from open_sums
        union
        select company_id, third_party_id
        from discounted
    ),

    promises as (
        select third_party_id, count(distinct promise_id) as broken_promise_count
        from {{ ref("int_risk__broken_promises") }}
        group by third_party_id
    ),

    exposures as (
        select
            context.as_of_date,
            customers.company_id,
            customers.third_party_id,
            coalesce(open_sums.receivable_amount, 0) as receivable_amount,
            coalesce(open_sums.bill_amount, 0) as bill_amount,
            coalesce(open_sums.unapplied_amount, 0) as unapplied_amount,
            coalesce(discounted.discounted_amount, 0) as discounted_amount,
            coalesce(open_sums.receivable_amount, 0)
            + coalesce(open_sums.bill_amount, 0)
            + coalesce(discounted.discounted_amount, 0) as exposure_amount,
            coalesce(open_sums.doubtful_amount, 0) as doubtful_amount,
            coalesce(open_sums.overdue_amount, 0) as overdue_amount,
            open_sums.oldest_overdue_days,
            third_parties.credit_limit,
            coalesce(behaviour.behaviour_segment, 'no_record') as behaviour_segment,
            coalesce(behaviour.returned_count, 0) as returned_count,
            coalesce(promises.broken_promise_count, 0) as broken_promise_count
        from customers
        cross join context
        left join open_sums on customers.third_party_id = open_sums.third_party_id
        left join discounted on customers.third_party_id = discounted.third_party_id
        left join
            {{ ref("int_third_parties__listed") }} as third_parties
            on customers.third_party_id = third_parties.third_party_id
        left join
            {{ ref("fct_payment_behaviour") }} as behaviour
            on customers.third_party_id = behaviour.third_party_id
            and behaviour.ledger_side = 'receivable'
            and behaviour.as_of_date = context.as_of_date
        left join promises on customers.third_party_id = promises.third_party_id
    ),

    scored as (
        select
            exposures.*,
            {{
                portion_of(
                    "exposures.overdue_amount", "(exposures.receivable_amount + exposures.bill_amount)"
                )
            }} as overdue_share,
            case
                when exposures.exposure_amount > 0
                then {{ portion_of("exposures.exposure_amount", "exposures.credit_limit") }}
                when exposures.credit_limit > 0
                then 0
            end as limit_used_share,
            segments.risk_points as lateness_points,
            case
                when exposures.returned_count >= 2 then 15 when exposures.returned_count = 1 then 8 else 0
            end as returned_points,
            case
                when exposures.broken_promise_count >= 2
                then 10
                when exposures.broken_promise_count = 1
                then 5
                else 0
            end as promise_points
        from exposures
        inner join
            {{ ref("behaviour_segments") }} as segments
            on exposures.behaviour_segment = segments.behaviour_segment
    ),

    pointed as (
        select
            *,
            cast(round(coalesce(overdue_share, 0) * 30, 0) as integer) as overdue_points,
            case
                when credit_limit >= 0 and exposure_amount > credit_limit
                then 20
                when limit_used_share >= 0.8
                then 10
                else 0
            end as limit_points
        from scored
    ),

    summed as (
        select
            *,
            overdue_points + lateness_points + limit_points + returned_points + promise_points as risk_score
        from pointed
    ),

    advised as (
        select
            *,
            case
                when doubtful_amount > 0
                then 'doubtful'
                when oldest_overdue_days > 90
                then 'long_overdue'
                when limit_points = 20 and overdue_amount > 0
                then 'limit_and_overdue'
                when risk_score >= 70
                then 'high_score'
                when limit_points = 20
                then 'limit_exceeded'
                when broken_promise_count > 0
                then 'broken_promise'
                when returned_count > 0
                then 'returned_payment'
                when oldest_overdue_days > 30
                then 'overdue'
                when risk_score >= 40
                then 'raised_score'
                else 'nothing'
            end as advice_reason
        from summed
    )

select
    advised.as_of_date,
    advised.company_id,
    advised.third_party_id,
    cast(advised.receivable_amount as decimal(18, 2)) as receivable_amount,
    cast(advised.bill_amount as decimal(18, 2)) as bill_amount,
    cast(advised.unapplied_amount as decimal(18, 2)) as unapplied_amount,
    cast(advised.discounted_amount as decimal(18, 2)) as discounted_amount,
    cast(advised.exposure_amount as decimal(18, 2)) as exposure_amount,
    advised.credit_limit,
    cast(advised.credit_limit - advised.exposure_amount as decimal(18, 2)) as headroom_amount,
    cast(advised.limit_used_share as decimal(9, 4)) as limit_used_share,
    cast(advised.doubtful_amount as decimal(18, 2)) as doubtful_amount,
    cast(advised.overdue_amount as decimal(18, 2)) as overdue_amount,
    advised.overdue_share,
    advised.oldest_overdue_days,
    advised.behaviour_segment,
    advised.returned_count,
    advised.broken_promise_count,
    cast(advised.overdue_points as integer) as overdue_points,
    cast(advised.lateness_points as integer) as lateness_points,
    cast(advised.limit_points as integer) as limit_points,
    cast(advised.returned_points as integer) as returned_points,
    cast(advised.promise_points as integer) as promise_points,
    cast(advised.risk_score as integer) as risk_score,
    reasons.advice,
    advised.advice_reason,
    companies.base_currency
from advised
inner join {{ ref("credit_advice_reasons") }} as reasons on advised.advice_reason = reasons.advice_reason
left join {{ ref("int_companies__known") }} as companies on advised.company_id = companies.company_id
