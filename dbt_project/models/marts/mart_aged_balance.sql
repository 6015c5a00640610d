-- This run's aged balance: one row per third party and side, a column per age band.
{% set buckets = [
    "not_due_3",
    "not_due_2",
    "not_due_1",
    "overdue_1",
    "overdue_2",
    "overdue_3",
    "overdue_4",
    "unapplied",
    "undated",
] %}
with
    open_items as (select * from {{ ref("fct_open_items") }}),

    totals as (
        select
            as_of_date,
            company_id,
            ledger_side,
            third_party_id,
            {% for bucket in buckets %}
                cast(
                    sum(case when ageing_bucket_code = '{{ bucket }}' then open_amount else 0 end) as decimal(
                        18, 2
                    )
                ) as {{ bucket }},
            {% endfor %}
            cast(
                sum(case when status = 'overdue' then open_amount else 0 end) as decimal(18, 2)
            ) as overdue_amount,
            cast(sum(open_amount) as decimal(18, 2)) as total_amount,
            max(days_past_due) as oldest_days_past_due,
            count(*) as item_count,
            base_currency
        from open_items
        group by as_of_date, company_id, ledger_side, third_party_id, base_currency
    ),

    third_parties as (select * from {{ ref("dim_third_parties") }})

select
    totals.as_of_date,
    totals.company_id,
    totals.ledger_side,
    totals.third_party_id,
    third_parties.third_party_code,
    third_parties.name,
    third_parties.agency,
    third_parties.sales_rep,
    third_parties.segment,
    totals.total_amount,
    totals.overdue_amount,
    {% for bucket in buckets %} totals.{{ bucket }}, {% endfor %}
    totals.oldest_days_past_due,
    totals.item_count,
    totals.base_currency
from totals
left join third_parties on totals.third_party_id = third_parties.third_party_id
