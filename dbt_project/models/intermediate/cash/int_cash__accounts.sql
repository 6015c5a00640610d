-- Bank accounts at the as-of date: what they hold, what they must hold, and which share of what customers
-- pay and suppliers are paid goes through them, as a stretch of the company's whole of the last twelve
-- months. What an account holds is the balance that its statements tell, with the movements since that
-- reports tell, and what the books hold that the bank has not shown yet. Without statements it is what
-- the books say.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    accounts as (
        select
            accounts.bank_account_id,
            accounts.company_id,
            accounts.account_number,
            accounts.currency_code,
            accounts.ledger_account,
            accounts.currency_code = companies.base_currency as is_base_currency,
            count(*) over (partition by accounts.company_id, accounts.ledger_account) as sharing_count
        from {{ ref("int_bank__accounts") }} as accounts
        left join {{ ref("int_companies__known") }} as companies on accounts.company_id = companies.company_id
    ),

    last_statements as (
        select
            statements.bank_account_id,
            least(statements.to_date, context.as_of_date) as statement_date,
            case
                when statements.to_date <= context.as_of_date
                then statements.closing_balance
                else statements.opening_balance
            end as balance,
            case
                when statements.to_date <= context.as_of_date
                then {{ plus_days("statements.to_date", 1) }}
                else statements.from_date
            end as moves_from_date,
            row_number() over (
                partition by statements.bank_account_id order by statements.statement_order desc
            ) as recency
        from {{ ref("int_reconciliation__statements") }} as statements
        inner join context on statements.from_date <= context.as_of_date
    ),

    told as (
        select
            statements.bank_account_id,
            statements.statement_date,
            cast(
                max(statements.balance) + coalesce(sum(moves.amount), 0) as decimal(18, 2)
            ) as statement_balance
        from last_statements as statements
        cross join context
        left join
            {{ ref("int_bank__transactions") }} as moves
            on statements.bank_account_id = moves.bank_account_id
            and moves.booking_date >= statements.moves_from_date
            and moves.booking_date <= context.as_of_date
        where statements.recency = 1
        group by statements.bank_account_id, statements.statement_date
    ),

    unshown as (
        select
            statements.bank_account_id,
            cast(statements.adjusted_bank_balance - statements.bank_balance as decimal(18, 2)) as amount
        from {{ ref("fct_bank_reconciliation_statements") }} as statements
        inner join context on statements.as_of_date = context.as_of_date
    ),

    booked as (
        select lines.company_id, lines.account_code, cast(sum(lines.amount) as decimal(18, 2)) as amount
        from {{ ref("int_bank__ledger_lines") }} as lines
        inner join context on lines.entry_date <= context.as_of_date
        group by lines.company_id, lines.account_code
    ),

    trade as (
        select
            lines.bank_account_id,
            cast(
                sum(case when lines.direction = 'in' then lines.amount else 0 end) as decimal(18, 2)
            ) as receipts,
            cast(
                sum(case when lines.direction = 'out' then - lines.amount else 0 end) as decimal(18, 2)
            ) as payments
        from {{ ref("int_cash__bank_lines") }} as lines
        inner join context on lines.booking_date > {{ plus_months("context.as_of_date", -12) }}
        where lines.line_class = 'trade'
        group by lines.bank_account_id
    ),

    counts as (
        select bank_account_id, count(*) as line_count
        from {{ ref("int_cash__bank_lines") }}
        group by bank_account_id
    ),

    -- Where nothing was received, or paid, by any account, the busiest one takes all.
    weighed as (
        select
            accounts.bank_account_id,
            accounts.company_id,
            {% for side in ["receipts", "payments"] %}
                case
                    when sum(trade.{{ side }}) over (partition by accounts.company_id) > 0
                    then coalesce(trade.{{ side }}, 0)
                    when
                        row_number() over (
                            partition by accounts.company_id
                            order by coalesce(counts.line_count, 0) desc, accounts.bank_account_id
                        )
                        = 1
                    then cast(1 as decimal(18, 2))
                    else 0
                end as {{ side }} {{ "," if not loop.last }}
            {% endfor %}
        from accounts
        left join trade on accounts.bank_account_id = trade.bank_account_id
        left join counts on accounts.bank_account_id = counts.bank_account_id
        where accounts.is_base_currency
    ),

    shares as (
        select
            bank_account_id,
            {% for side in ["receipts", "payments"] %}
                cast(
                    sum({{ side }}) over (
                        partition by company_id
                        order by bank_account_id
                        rows between unbounded preceding and current row
                    )
                    - {{ side }} as decimal(18, 2)
                ) as {{ side }}_from,
                cast(
                    sum({{ side }}) over (
                        partition by company_id
                        order by bank_account_id
                        rows between unbounded preceding and current row
                    ) as decimal(18, 2)
                ) as {{ side }}_until,
                cast(sum({{ side }}) over (partition by company_id) as decimal(18, 2)) as {{ side }}_whole
                {{ "," if not loop.last }}
            {% endfor %}
        from weighed
    ),

    minimums as (
        select
            accounts.bank_account_id,
            minimums.minimum_balance,
            row_number() over (
                partition by accounts.bank_account_id
                order by
                    case when minimums.account_number is null then 1 else 0 end,
                    case when minimums.company_id is null then 1 else 0 end,
                    minimums.minimum_balance desc
            ) as preference
        from accounts
        cross join {{ source("settings", "minimum_balances") }} as minimums
        left join
            {{ ref("int_bank__account_names") }} as names
            on accounts.company_id = names.company_id
            and minimums.account_number = names.account_number
        where
            coalesce(minimums.company_id, accounts.company_id) = accounts.company_id
            and (
                minimums.account_number is null
                or coalesce(names.iban_or_number, minimums.account_number) = accounts.account_number
            )
    )

select
    accounts.bank_account_id,
    accounts.company_id,
    accounts.currency_code,
    accounts.is_base_currency,
    told.statement_date,
    told.statement_balance,
    case
        when told.bank_account_id is not null
        then coalesce(unshown.amount, 0)
        when accounts.is_base_currency and accounts.sharing_count = 1
        then booked.amount
    end as books_only_amount,
    minimums.minimum_balance,
    shares.receipts_from,
    shares.receipts_until,
    shares.receipts_whole,
    shares.payments_from,
    shares.payments_until,
    shares.payments_whole
from accounts
left join told on accounts.bank_account_id = told.bank_account_id
left join unshown on accounts.bank_account_id = unshown.bank_account_id
left join booked on accounts.company_id = booked.company_id and accounts.ledger_account = booked.account_code
left join shares on accounts.bank_account_id = shares.bank_account_id
left join minimums on accounts.bank_account_id = minimums.bank_account_id and minimums.preference = 1
