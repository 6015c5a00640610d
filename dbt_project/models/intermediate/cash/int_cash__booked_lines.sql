-- What the books moved on a bank account by the as-of date and the bank has not shown: the account's
-- opening balance of the cash plan holds it already. Trade and movements between own accounts cannot be
-- what recurs. Where no statement tells a balance, the books do, and lines of the last two weeks matter
-- that no bank line is matched with.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    unshown as (
        select
            reconciled.bank_account_id,
            items.object_id as ledger_line_id,
            items.object_date as entry_date,
            items.amount
        from {{ ref("fct_bank_reconciliation_statement_items") }} as items
        inner join context on items.as_of_date = context.as_of_date
        inner join
            {{ ref("int_reconciliation__accounts") }} as reconciled
            on items.bank_account_id = reconciled.reconciled_account_id
        where items.category = 'ledger_not_at_bank'
    ),

    untold as (
        select accounts.bank_account_id, lines.ledger_line_id, lines.entry_date, lines.amount
        from {{ ref("int_cash__accounts") }} as accounts
        inner join
            {{ ref("int_bank__accounts") }} as named on accounts.bank_account_id = named.bank_account_id
        cross join context
        inner join
            {{ ref("int_bank__ledger_lines") }} as lines
            on named.company_id = lines.company_id
            and named.ledger_account = lines.account_code
            and lines.entry_date <= context.as_of_date
            and lines.entry_date > {{ plus_days("context.as_of_date", -14) }}
            and not lines.is_opening
        where accounts.statement_balance is null and accounts.books_only_amount is not null
    ),

    matched as (
        select distinct untold.ledger_line_id
        from untold
        inner join
            {{ ref("fct_bank_match_members") }} as ledger
            on untold.ledger_line_id = ledger.object_id
            and ledger.side = 'ledger'
        inner join
            {{ ref("fct_bank_matches") }} as matches
            on ledger.match_id = matches.match_id
            and matches.match_status = 'matched'
        inner join
            {{ ref("fct_bank_match_members") }} as bank
            on ledger.match_id = bank.match_id
            and bank.side = 'bank'
        inner join {{ ref("int_cash__bank_lines") }} as shown on bank.object_id = shown.bank_transaction_id
    ),

    lines as (
        select bank_account_id, ledger_line_id, entry_date, amount
        from unshown
        union all
        select untold.bank_account_id, untold.ledger_line_id, untold.entry_date, untold.amount
        from untold
        left join matched on untold.ledger_line_id = matched.ledger_line_id
        where matched.ledger_line_id is null
    )

select
    lines.bank_account_id,
    lines.ledger_line_id,
    lines.entry_date,
    cast(lines.amount as decimal(18, 2)) as amount,
    coalesce(entries.counterpart_role, 'other') not in (
        'customer',
        'customer_bill',
        'customer_doubtful',
        'customer_advance',
        'supplier',
        'supplier_bill',
        'supplier_advance',
        'accrual',
        'suspense',
        'internal_transfer',
        'bank',
        'cash',
        'overdraft'
    ) as may_recur
from lines
left join
    {{ ref("int_ledger__entry_counterparts") }} as entries on lines.ledger_line_id = entries.ledger_line_id
