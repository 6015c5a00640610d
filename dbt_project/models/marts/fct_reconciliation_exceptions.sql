with
    context as (select run_id, as_of_date, known_at_date from {{ source("run", "context") }}),

    listed as (select * from {{ ref("int_exceptions__listed") }}),

    reasons as (select * from {{ ref("exception_reasons") }}),

    earlier as (
        select exception_id, min(first_seen_date) as first_seen_date
        from {{ source("history", "fct_reconciliation_exceptions") }}
        group by exception_id
    ),

    aged as (
        select
            listed.*,
            context.run_id,
            context.as_of_date,
            context.known_at_date,
            greatest(
                0,
                {{
                    days_between(
                        "coalesce(listed.since_date, earlier.first_seen_date, context.known_at_date)",
                        "context.as_of_date",
                    )
                }}
            ) as age_days,
            coalesce(
                least(earlier.first_seen_date, context.known_at_date), context.known_at_date
            ) as first_seen_date
        from listed
        cross join context
        left join earlier on listed.exception_id = earlier.exception_id
    )

select
    aged.run_id,
    aged.exception_id,
    aged.as_of_date,
    aged.company_id,
    aged.side,
    aged.object_id,
    aged.bank_account_id,
    aged.account_code,
    aged.reason_code,
    reasons.label_fr as reason_fr,
    reasons.label_en as reason_en,
    aged.amount,
    aged.currency_code,
    aged.age_days,
    case
        when aged.age_days >= reasons.high_after_days or abs(aged.amount) >= reasons.high_from_amount
        then 'high'
        else reasons.severity
    end as severity,
    aged.explanation_fr,
    aged.explanation_en,
    aged.suggestion,
    case when attention.snoozed_until > aged.known_at_date then 'snoozed' else 'open' end as status,
    attention.assigned_to,
    aged.first_seen_date
from aged
left join {{ ref("stg_decisions__attention") }} as attention on aged.exception_id = attention.exception_id
left join reasons on aged.reason_code = reasons.reason_code
