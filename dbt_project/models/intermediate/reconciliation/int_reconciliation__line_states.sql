-- Every bank line, and every ledger line that the bank must show: matched, proposed, unreconciled, or
-- waiting, which is what nobody has to act upon (a statement that is yet to come, say). A ledger account
-- that several bank accounts share counts with the first of them.
with
    accounts as (
        select
            bank_account_id,
            company_id,
            ledger_account,
            currency_code,
            row_number() over (
                partition by company_id, ledger_account order by bank_account_id
            ) as account_order
        from {{ ref("int_bank__accounts") }}
    ),

    groups as (
        select
            members.object_id, max(case when groups.match_status = 'matched' then 1 else 0 end) as is_matched
        from {{ ref("int_matching__members") }} as members
        inner join {{ ref("int_matching__groups") }} as groups on members.match_id = groups.match_id
        where groups.use = 'bank'
        group by members.object_id
    ),

    exceptions as (
        select
            object_id,
            max(age_days) as age_days,
            min(case when severity = 'info' then 1 else 0 end) as is_for_nobody
        from {{ ref("fct_reconciliation_exceptions") }}
        where side in ('bank', 'ledger')
        group by object_id
    ),

    lines as (
        select
            transactions.bank_transaction_id as line_id,
            'bank' as side,
            transactions.company_id,
            transactions.bank_account_id,
            accounts.ledger_account,
            accounts.currency_code,
            abs(transactions.amount) as amount
        from {{ ref("int_bank__transactions") }} as transactions
        inner join accounts on transactions.bank_account_id = accounts.bank_account_id

        union all

        select
            lines.ledger_line_id,
            'ledger',
            lines.company_id,
            accounts.bank_account_id,
            lines.account_code,
            coalesce(accounts.currency_code, companies.base_currency),
            abs(
                case
                    when coalesce(accounts.currency_code, companies.base_currency) = companies.base_currency
                    then lines.amount
                    when told.currency_code = accounts.currency_code
                    then told.amount_currency
                end
            )
        from {{ ref("int_bank__ledger_lines") }} as lines
        inner join
            {{ ref("int_ledger__lines_identified") }} as told on lines.ledger_line_id = told.ledger_line_id
        left join {{ ref("int_companies__known") }} as companies on lines.company_id = companies.company_id
        left join
            accounts
            on lines.company_id = accounts.company_id
            and lines.account_code = accounts.ledger_account
            and accounts.account_order = 1
    )

select
    lines.line_id,
    lines.side,
    lines.company_id,
    lines.bank_account_id,
    lines.ledger_account,
    lines.currency_code,
    lines.amount,
    case
        when groups.is_matched = 1
        then 'matched'
        when exceptions.is_for_nobody = 1
        then 'waiting'
        when groups.is_matched = 0
        then 'proposed'
        else 'unreconciled'
    end as line_state,
    exceptions.age_days
from lines
left join groups on lines.line_id = groups.object_id
left join exceptions on lines.line_id = exceptions.object_id
