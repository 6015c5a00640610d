-- What became of each promise. Payments of what was owed when it was made keep it: of its document, or of
-- anything that the third party owed then. What a credit note, a discount or an offset settles of the
-- promised items need no longer be paid. A payment that came back has kept nothing.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    promises as (select * from {{ ref("int_follow_up__facts") }} where fact_kind = 'promise' and is_found),

    promised_items as (select * from {{ ref("int_follow_up__promises") }}),

    covered as (
        select promise_id, sum(case when is_carried_on then 0 else promised_amount end) as covered_amount
        from promised_items
        group by promise_id
    ),

    payments as (
        select payments.*
        from {{ ref("int_behaviour__payments") }} as payments
        inner join context on payments.effective_date <= context.as_of_date
        where
            (payments.returned_date is null or payments.returned_date > context.as_of_date)
            and payments.third_party_id in (select third_party_id from promises)
    ),

    -- A bill moved to doubtful, or a payment that came back, is paid for what it carries on.
    paying as (
        select promised_items.promise_id, payments.settlement_id, payments.amount, payments.effective_date
        from promised_items
        inner join
            payments
            on promised_items.item_id = payments.owed_item_id
            and promised_items.promised_on < payments.effective_date
        union
        select promises.fact_id, payments.settlement_id, payments.amount, payments.effective_date
        from promises
        inner join
            payments
            on promises.third_party_id = payments.third_party_id
            and promises.ledger_side = payments.ledger_side
            and promises.told_on < payments.effective_date
        inner join
            {{ ref("int_items__posted") }} as items
            on payments.owed_item_id = items.item_id
            and promises.told_on >= items.entry_date
        where promises.document_key is null and promises.item_id is null
    ),

    other_settlements as (
        select settlements.*
        from {{ ref("fct_settlements") }} as settlements
        inner join context on settlements.effective_date <= context.as_of_date
        where
            settlements.status in ('booked', 'matched')
            and settlements.settlement_kind not in ('payment', 'transfer', 'return')
    ),

    releasing as (
        select promised_items.promise_id, released.amount, released.effective_date
        from promised_items
        inner join
            (
                select debit_item_id as item_id, 'receivable' as ledger_side, amount, effective_date
                from other_settlements
                union all
                select credit_item_id, 'payable', amount, effective_date
                from other_settlements
            ) as released
            on promised_items.item_id = released.item_id
            and promised_items.ledger_side = released.ledger_side
    ),

    settled as (
        select promise_id, amount as paid_amount, cast(0 as decimal(18, 2)) as released_amount, effective_date
        from paying
        union all
        select promise_id, cast(0 as decimal(18, 2)), amount, effective_date
        from releasing
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
        inner join
            promises on settled.promise_id = promises.fact_id and settled.effective_date > promises.told_on
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
