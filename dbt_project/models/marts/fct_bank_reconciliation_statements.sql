{%- set categories = [
    "ledger_not_at_bank",
    "statement_gap",
    "bank_not_in_ledger",
    "ledger_gap",
    "residual",
    "opening_unreconciled",
] -%}
with
    sums as (
        select
            bank_account_id,
            as_of_date,
            count(*) as item_count,
            {% for category in categories %}
                sum(case when category = '{{ category }}' then amount else 0 end) as {{ category }},
            {% endfor %}
            sum(case when adjusted_side = 'bank' then amount else 0 end) as bank_adjustment,
            sum(case when adjusted_side = 'ledger' then amount else 0 end) as ledger_adjustment
        from {{ ref("fct_bank_reconciliation_statement_items") }}
        group by bank_account_id, as_of_date
    ),

    balances as (
        select
            accounts.bank_account_id,
            accounts.company_id,
            accounts.ledger_account,
            accounts.currency_code,
            dates.as_of_date,
            bank_balances.last_statement_date,
            bank_balances.bank_balance,
            ledger_balances.ledger_balance
        from {{ ref("int_reconciliation__dates") }} as dates
        inner join
            {{ ref("int_reconciliation__accounts") }} as accounts
            on dates.reconciled_account_id = accounts.bank_account_id
        inner join
            {{ ref("int_reconciliation__bank_balances") }} as bank_balances
            on dates.reconciled_account_id = bank_balances.reconciled_account_id
            and dates.as_of_date = bank_balances.as_of_date
        inner join
            {{ ref("int_reconciliation__ledger_balances") }} as ledger_balances
            on dates.reconciled_account_id = ledger_balances.reconciled_account_id
            and dates.as_of_date = ledger_balances.as_of_date
    )

select
    balances.bank_account_id,
    balances.company_id,
    balances.ledger_account,
    balances.currency_code,
    balances.as_of_date,
    balances.last_statement_date,
    balances.bank_balance,
    balances.ledger_balance,
    {% for category in categories %}
        cast(coalesce(sums.{{ category }}, 0) as decimal(18, 5)) as {{ category }},
    {% endfor %}
    cast(
        balances.bank_balance + coalesce(sums.bank_adjustment, 0) as decimal(18, 5)
    ) as adjusted_bank_balance,
    cast(
        balances.ledger_balance + coalesce(sums.ledger_adjustment, 0) as decimal(18, 5)
    ) as adjusted_ledger_balance,
    cast(
        balances.bank_balance
        + coalesce(sums.bank_adjustment, 0)
        - balances.ledger_balance
        - coalesce(sums.ledger_adjustment, 0) as decimal(18, 5)
    ) as difference,
    cast(coalesce(sums.item_count, 0) as bigint) as item_count
from balances
left join sums on balances.bank_account_id = sums.bank_account_id and balances.as_of_date = sums.as_of_date
