-- Every line that bank and books share is matched or explained: it is in one matched group or carries one
-- exception, never both, never twice. And what matches settle is never more than what was there.
with
    lines as (
        select bank_transaction_id as object_id, company_id, concat('bank ', bank_account_id) as subject
        from {{ ref("int_bank__transactions") }}

        union all

        select ledger_line_id, company_id, concat('ledger ', account_code)
        from {{ ref("int_bank__ledger_lines") }}
    ),

    answers as (
        select object_id, count(*) as answer_count
        from
            (
                select members.object_id
                from {{ ref("fct_bank_match_members") }} as members
                inner join
                    {{ ref("fct_bank_matches") }} as matches
                    on members.match_id = matches.match_id
                    and matches.match_status = 'matched'
                union all
                select object_id
                from {{ ref("int_exceptions__listed") }}
                where side in ('bank', 'ledger')
            ) as given
        group by object_id
    ),

    settlements as (select * from {{ ref("int_settlements__solved") }} where status = 'matched'),

    settled as (
        select item_id, sum(amount) as amount
        from
            (
                select owed_item_id as item_id, amount
                from settlements
                union all
                select settling_item_id as item_id, amount
                from settlements
            ) as sides
        where item_id is not null
        group by item_id
    ),

    -- Open at the as-of date, or when the books end: items of either are matched.
    open_amounts as (
        select item_id, max(abs(open_amount)) as amount
        from
            (
                select item_id, open_amount
                from {{ ref("int_ageing__items_at_dates") }}
                where is_own_date
                union all
                select item_id, open_amount
                from {{ ref("int_items__balances") }}
                where valid_to_date is null
            ) as balances
        group by item_id
    ),

    item_limits as (
        select items.company_id, settled.amount, coalesce(open_amounts.amount, 0) as limit_amount
        from settled
        inner join {{ ref("int_items__posted") }} as items on settled.item_id = items.item_id
        left join open_amounts on settled.item_id = open_amounts.item_id
    ),

    -- In another currency than the ledger's, a line settles at its rate.
    line_limits as (
        select transactions.company_id, abs(transactions.amount) as limit_amount, paid.amount
        from
            (
                select bank_transaction_id, sum(amount) as amount
                from settlements
                where bank_transaction_id is not null
                group by bank_transaction_id
            ) as paid
        inner join
            {{ ref("int_bank__transactions") }} as transactions
            on paid.bank_transaction_id = transactions.bank_transaction_id
        inner join
            {{ ref("int_companies__known") }} as companies
            on transactions.company_id = companies.company_id
            and transactions.currency_code = companies.base_currency
    )

select
    lines.company_id,
    'lines_matched_or_excepted' as control_name,
    lines.subject,
    count(*) as expected,
    sum(case when answers.answer_count = 1 then 1 else 0 end) as actual,
    true as is_blocking
from lines
left join answers on lines.object_id = answers.object_id
group by lines.company_id, lines.subject

union all

select
    company_id,
    'matched_never_above_item',
    'matched items',
    count(*),
    sum(case when amount <= limit_amount then 1 else 0 end),
    true
from item_limits
group by company_id

union all

select
    company_id,
    'matched_never_above_bank_line',
    'matched bank lines',
    count(*),
    sum(case when amount <= limit_amount then 1 else 0 end),
    true
from line_limits
group by company_id
