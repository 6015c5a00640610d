-- One row per line that stays on a suspense account: not lettered, and not taken back by a line of the same
-- amount the other way. Of equal lines the newest stay. Where a bank account names the account, its lines
-- are the bank's to explain.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    lines as (
        select
            lines.ledger_line_id,
            lines.company_id,
            lines.account_code,
            lines.entry_date,
            lines.balance_amount,
            coalesce(lines.document_ref || ', ' || lines.label, lines.document_ref, lines.label) as line_text
        from {{ ref("int_ledger__lines_identified") }} as lines
        inner join context on lines.entry_date <= context.as_of_date
        where
            lines.account_role = 'suspense'
            and not lines.is_restatement
            and lines.letter_code is null
            and lines.balance_amount <> 0
            and not exists (
                select 1
                from {{ ref("int_bank__ledger_lines") }} as of_bank
                where of_bank.ledger_line_id = lines.ledger_line_id
            )
    ),

    balances as (
        select company_id, account_code, sum(balance_amount) as balance
        from lines
        group by company_id, account_code
    ),

    opposites as (
        select company_id, account_code, balance_amount, count(*) as line_count
        from lines
        group by company_id, account_code, balance_amount
    ),

    numbered as (
        select
            lines.*,
            coalesce(opposites.line_count, 0) as opposite_count,
            row_number() over (
                partition by lines.company_id, lines.account_code, lines.balance_amount
                order by lines.entry_date, lines.ledger_line_id
            ) as place
        from lines
        inner join
            balances
            on lines.company_id = balances.company_id
            and lines.account_code = balances.account_code
            and balances.balance <> 0
        left join
            opposites
            on lines.company_id = opposites.company_id
            and lines.account_code = opposites.account_code
            and lines.balance_amount = - opposites.balance_amount
    ),

    told as (
        select
            numbered.*,
            companies.base_currency as currency_code,
            {{ amount_told("numbered.balance_amount", "companies.base_currency") }} as amount_text
        from numbered
        left join {{ ref("int_companies__known") }} as companies on numbered.company_id = companies.company_id
        where numbered.place > numbered.opposite_count
    )

select
    'in_suspense' as reason_code,
    company_id,
    'ledger' as side,
    ledger_line_id as object_id,
    cast(null as string) as bank_account_id,
    account_code,
    balance_amount as amount,
    currency_code,
    entry_date as since_date,
    concat(
        amount_text,
        ' en attente au ',
        account_code,
        ' depuis le ',
        cast(entry_date as string),
        coalesce(' (' || line_text || ')', ''),
        ' ; imputez ou soldez ce montant.'
    ) as explanation_fr,
    concat(
        amount_text,
        ' on the suspense account ',
        account_code,
        ' since ',
        cast(entry_date as string),
        coalesce(' (' || line_text || ')', ''),
        '; post it where it belongs.'
    ) as explanation_en,
    '[]' as suggestion
from told
