select company_id, name, base_currency from {{ ref("int_companies__known") }}
