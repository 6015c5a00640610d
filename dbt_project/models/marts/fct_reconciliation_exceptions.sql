with
    raised as (select * from {{ ref("int_exceptions__raised") }}),

    reasons as (select * from {{ ref("exception_reasons") }}),

    earlier as (
        select exception_id, min(first_seen_date) as first_seen_date
        from {{ source("history", "fct_reconciliation_exceptions") }}
        group by exception_id
    )

select
    raised.run_id,
    raised.exception_id,
    raised.as_of_date,
    raised.company_id,
    raised.side,
    raised.object_id,
    raised.reason_code,
    reasons.label_fr as reason_fr,
    reasons.label_en as reason_en,
    raised.amount,
    raised.currency_code,
    greatest(
        0,
        {{
            days_between(
                "coalesce(raised.since_date, earlier.first_seen_date, raised.known_at_date)",
                "raised.as_of_date",
            )
        }}
    ) as age_days,
    reasons.severity,
    raised.explanation_fr,
    raised.explanation_en,
    cast('[]' as string) as suggestion,
    'open' as status,
    cast(null as string) as assigned_to,
    coalesce(least(earlier.first_seen_date, raised.known_at_date), raised.known_at_date) as first_seen_date
from raised
left join reasons on raised.reason_code = reasons.reason_code
left join earlier on raised.exception_id = earlier.exception_id
