-- How far each bank account is reconciled, at every run, beside what the run before it said.
{% set states = ["matched", "proposed", "unreconciled", "waiting"] %}
{% set figures = [
    "has_statements",
    "statement_gap_count",
    "line_count",
    "line_amount",
    "matched_count",
    "matched_amount",
    "proposed_count",
    "proposed_amount",
    "unreconciled_count",
    "unreconciled_amount",
    "waiting_count",
    "waiting_amount",
    "oldest_days",
] %}
{% set compared = [
    "proposed_count",
    "unreconciled_count",
    "unreconciled_amount",
    "oldest_days",
    "statement_gap_count",
] %}
with
    context as (select run_id, as_of_date, known_at_date from {{ source("run", "context") }}),

    lines as (select * from {{ ref("int_reconciliation__line_states") }}),

    gaps as (
        select company_id, account_number, count(*) as statement_gap_count
        from {{ ref("int_bank__statement_joints") }}
        where opening_balance <> previous_closing_balance
        group by company_id, account_number
    ),

    accounts as (
        select
            accounts.company_id,
            accounts.bank_account_id,
            accounts.ledger_account,
            accounts.currency_code,
            accounts.has_statements,
            coalesce(gaps.statement_gap_count, 0) as statement_gap_count
        from {{ ref("int_bank__accounts") }} as accounts
        left join
            gaps on accounts.company_id = gaps.company_id and accounts.account_number = gaps.account_number

        union all

        select distinct
            company_id, cast(null as string) as bank_account_id, ledger_account, currency_code, false, 0
        from lines
        where bank_account_id is null
    ),

    counted as (
        select
            company_id,
            coalesce(bank_account_id, ledger_account) as account_key,
            count(*) as line_count,
            sum(amount) as line_amount,
            {% for state in states %}
                sum(case when line_state = '{{ state }}' then 1 else 0 end) as {{ state }}_count,
                sum(case when line_state = '{{ state }}' then amount else 0 end) as {{ state }}_amount,
            {% endfor %}
            max(case when line_state in ('proposed', 'unreconciled') then age_days end) as oldest_days
        from lines
        group by company_id, coalesce(bank_account_id, ledger_account)
    ),

    earlier as (select * from {{ source("history", "fct_reconciliation_status") }}),

    previous as (
        select earlier.*
        from earlier
        inner join
            (
                select max(earlier.run_id) as last_run_id
                from earlier
                inner join context on earlier.as_of_date <= context.as_of_date
            ) as last_run
            on earlier.run_id = last_run.last_run_id
    )

select
    run_id,
    as_of_date,
    known_at_date,
    company_id,
    bank_account_id,
    ledger_account,
    currency_code,
    {{ figures | join(", ") }},
    previous_run_id
    {%- for figure in compared %}, previous_{{ figure }} {%- endfor %}
from earlier

union all

select
    context.run_id,
    context.as_of_date,
    context.known_at_date,
    accounts.company_id,
    accounts.bank_account_id,
    accounts.ledger_account,
    accounts.currency_code,
    accounts.has_statements,
    accounts.statement_gap_count,
    {% for name in ["line"] + states %}
        cast(coalesce(counted.{{ name }}_count, 0) as bigint) as {{ name }}_count,
        cast(coalesce(counted.{{ name }}_amount, 0) as decimal(18, 2)) as {{ name }}_amount,
    {% endfor %}
    cast(counted.oldest_days as integer) as oldest_days,
    previous.run_id as previous_run_id
    {%- for figure in compared %}, previous.{{ figure }} as previous_{{ figure }} {%- endfor %}
from accounts
cross join context
left join
    counted
    on accounts.company_id = counted.company_id
    and coalesce(accounts.bank_account_id, accounts.ledger_account) = counted.account_key
left join
    previous
    on accounts.company_id = previous.company_id
    and coalesce(accounts.bank_account_id, accounts.ledger_account)
    = coalesce(previous.bank_account_id, previous.ledger_account)
