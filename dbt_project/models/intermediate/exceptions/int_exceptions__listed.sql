-- Everything that someone must look at: faults of what came in, and what the reconciliation leaves.
-- A view: publishing makes the one copy that is needed.
{{ config(materialized="view") }}

{% set of_objects = [
    "int_exceptions__bank_lines",
    "int_exceptions__follow_up",
    "int_exceptions__ledger_bank_lines",
    "int_exceptions__matches",
    "int_exceptions__payments",
    "int_exceptions__suspense",
] %}
select
    exception_id,
    reason_code,
    company_id,
    side,
    object_id,
    cast(null as string) as bank_account_id,
    cast(null as string) as account_code,
    amount,
    currency_code,
    since_date,
    explanation_fr,
    explanation_en,
    '[]' as suggestion
from {{ ref("int_exceptions__raised") }}

{% for model in of_objects %}
    union all

    select
        {{ stable_id(["found.reason_code", "found.company_id", "found.object_id"]) }} as exception_id,
        found.reason_code,
        found.company_id,
        found.side,
        found.object_id,
        found.bank_account_id,
        found.account_code,
        found.amount,
        coalesce(found.currency_code, companies.base_currency) as currency_code,
        found.since_date,
        found.explanation_fr,
        found.explanation_en,
        found.suggestion
    from {{ ref(model) }} as found
    left join {{ ref("int_companies__known") }} as companies on found.company_id = companies.company_id
{% endfor %}
