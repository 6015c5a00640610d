-- What became of each promise, by what was settled until the as-of date of what was promised.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    promises as (select * from {{ ref("int_follow_up__facts") }} where fact_kind = 'promise' and is_found),

    promised_items as (select * from {{ ref("int_follow_up__promises") }}),

    covered as (
        select promise_id, sum(case when is_carried_on then 0 else promised_amount end) as covered_amount
        from promised_items
        group by promise_id
    ),

    settled as (
        select settlements.*
        from {{ ref("int_follow_up__promise_settlements") }} as settlements
        inner join context on settlements.effective_date <= context.as_of_date
        where settlements.returned_date is null or settlements.returned_date > context.as_of_date
    ),

    sums as (
        select
            promises.fact_id as promise_id,
            sum(
                case when settled.effective_date <= promises.promised_date then settled.paid_amount else 0 end
            ) as paid_in_time,
            sum(
                case
                    when settled.effective_date <= promises.promised_date then settled.released_amount else 0
                end
            ) as released_in_time,
            sum(settled.paid_amount + settled.released_amount) as settled_amount,
            max(settled.effective_date) as last_date
        from settled
        inner join promises on settled.promise_id = promises.fact_id
        group by promises.fact_id
    ),

    still_open as (
        select promised_items.promise_id, sum(at_date.open_amount) as open_amount
        from promised_items
        inner join
            {{ ref("int_ageing__items_at_dates") }} as at_date
            on promised_items.item_id = at_date.item_id
            and at_date.is_own_date
        where at_date.open_amount > 0
        group by promised_items.promise_id
    ),

    judged as (
        select
            promises.*,
            context.as_of_date,
            coalesce(covered.covered_amount, 0) as covered_amount,
            greatest(
                coalesce(covered.covered_amount, 0) - coalesce(sums.released_in_time, 0), 0
            ) as due_amount,
            coalesce(sums.paid_in_time, 0) as paid_in_time,
            least(
                greatest(coalesce(covered.covered_amount, 0) - coalesce(sums.settled_amount, 0), 0),
                coalesce(still_open.open_amount, 0)
            ) as left_amount,
            sums.last_date
        from promises
        cross join context
        left join covered on promises.fact_id = covered.promise_id
        left join sums on promises.fact_id = sums.promise_id
        left join still_open on promises.fact_id = still_open.promise_id
    ),

    told as (
        select
            *,
            least(paid_in_time, due_amount) as kept_amount,
            case
                when paid_in_time >= due_amount
                then 'kept'
                when promised_date >= as_of_date
                then 'open'
                when paid_in_time > 0
                then 'partly_kept'
                else 'broken'
            end as status,
            case
                when left_amount = 0
                then greatest(coalesce(last_date, as_of_date), promised_date)
                else as_of_date
            end as settled_by
        from judged
    )

select
    told.fact_id as promise_id,
    told.as_of_date,
    told.company_id,
    told.ledger_side,
    told.third_party_id,
    told.document_ref,
    told.told_on as promised_on,
    told.promised_date,
    cast(coalesce(told.told_amount, told.covered_amount) as decimal(18, 2)) as promised_amount,
    cast(told.covered_amount as decimal(18, 2)) as owed_amount,
    cast(told.kept_amount as decimal(18, 2)) as kept_amount,
    told.status,
    cast(
        case when told.status = 'kept' then 0 else told.left_amount end as decimal(18, 2)
    ) as amount_at_stake,
    case
        when told.status = 'kept'
        then 0
        when told.status <> 'open'
        then {{ days_between("told.promised_date", "told.settled_by") }}
    end as days_late,
    told.reason as remark,
    told.source,
    companies.base_currency
from told
left join {{ ref("int_companies__known") }} as companies on told.company_id = companies.company_id
