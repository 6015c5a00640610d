-- Bank lines of the last 25 months, as known at the as-of date, with who is on the other side (an
-- account, else a name, else the words of the text) and what they are: trade, which is planned from what
-- is open; a movement between own accounts; or another one. What the books do not tell is what most lines
-- of the same party are. Lines of the bank and of the books after the as-of date count nowhere.
{% set customers = "('customer', 'customer_bill', 'customer_doubtful', 'customer_advance')" %}
{% set months -%}
    JANVIER|JANV|JAN|FEVRIER|FEVR|FEV|MARS|AVRIL|AVR|MAI|JUIN|JUILLET|JUIL|AOUT|SEPTEMBRE|SEPT|SEP|OCTOBRE|OCT|NOVEMBRE|NOV|DECEMBRE|DEC|JANUARY|FEBRUARY|FEB|MARCH|MAR|APRIL|APR|MAY|JUNE|JUN|JULY|JUL|AUGUST|AUG|SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER
{%- endset %}
with
    context as (select as_of_date from {{ source("run", "context") }}),

    -- All digits are one: words that hold any are left out, so that few texts remain to be made plain.
    transactions as (
        select
            transactions.bank_transaction_id,
            transactions.company_id,
            transactions.bank_account_id,
            transactions.currency_code,
            transactions.booking_date,
            transactions.amount,
            transactions.transaction_kind,
            nullif(upper(replace(transactions.counterparty_iban, ' ', '')), '') as iban,
            {{
                replace_all(
                    "coalesce(transactions.counterparty_name, transactions.remittance_text, '')",
                    "'[0-9]+'",
                    "'0'",
                )
            }} as text,
            transactions.counterparty_name is not null as is_name
        from {{ ref("fct_bank_transactions") }} as transactions
        inner join
            context
            on transactions.booking_date <= context.as_of_date
            and transactions.booking_date > {{ plus_months("context.as_of_date", -25) }}
        where
            transactions.amount <> 0
            and not coalesce(transactions.is_reversal, false)
            and transactions.transaction_kind <> 'return'
    ),

    -- Accounts on which cheques and cards of customers wait for the bank, not the takings of a till.
    collections as (
        select lines.company_id, lines.account_code
        from {{ ref("int_ledger__lines_identified") }} as lines
        inner join context on lines.entry_date <= context.as_of_date
        inner join
            {{ ref("int_ledger__entry_counterparts") }} as entries
            on lines.ledger_line_id = entries.ledger_line_id
        where lines.account_role = 'collection' and lines.balance_amount > 0
        group by lines.company_id, lines.account_code
        having
            2
            * sum(case when entries.counterpart_role in {{ customers }} then lines.balance_amount else 0 end)
            >= sum(lines.balance_amount)
    ),

    collected as (
        select distinct entries.entry_key
        from {{ ref("int_ledger__lines_identified") }} as lines
        inner join
            collections
            on lines.company_id = collections.company_id
            and lines.account_code = collections.account_code
        inner join
            {{ ref("int_ledger__entry_counterparts") }} as entries
            on lines.ledger_line_id = entries.ledger_line_id
        where lines.account_role = 'collection'
    ),

    booked_groups as (
        select
            members.match_id,
            max(lines.label) as ledger_label,
            max(
                case
                    when
                        entries.counterpart_role in (
                            'customer',
                            'customer_bill',
                            'customer_doubtful',
                            'customer_advance',
                            'supplier',
                            'supplier_bill',
                            'supplier_advance',
                            'accrual',
                            'suspense'
                        )
                        or collected.entry_key is not null
                    then 1
                    else 0
                end
            ) as is_trade,
            max(
                case
                    when entries.counterpart_role in ('internal_transfer', 'bank', 'cash', 'overdraft')
                    then 1
                    else 0
                end
            ) as is_own
        from {{ ref("fct_bank_match_members") }} as members
        inner join {{ ref("int_bank__ledger_lines") }} as lines on members.object_id = lines.ledger_line_id
        inner join context on lines.entry_date <= context.as_of_date
        left join
            {{ ref("int_ledger__entry_counterparts") }} as entries
            on lines.ledger_line_id = entries.ledger_line_id
        left join collected on entries.entry_key = collected.entry_key
        where members.side = 'ledger'
        group by members.match_id
    ),

    booked as (
        select members.object_id as bank_transaction_id, groups.ledger_label, groups.is_trade, groups.is_own
        from {{ ref("fct_bank_match_members") }} as members
        inner join
            {{ ref("fct_bank_matches") }} as matches
            on members.match_id = matches.match_id
            and matches.match_status = 'matched'
        inner join booked_groups as groups on members.match_id = groups.match_id
        where members.side = 'bank'
    ),

    settling as (
        select distinct settled.bank_transaction_id
        from {{ ref("int_settlements__solved") }} as settled
        inner join context on settled.effective_date <= context.as_of_date
        where settled.status = 'matched' and settled.bank_transaction_id is not null
    ),

    own_accounts as (select distinct company_id, account_number as iban from {{ ref("int_bank__accounts") }}),

    party_ibans as (select distinct company_id, iban from {{ ref("int_third_parties__ibans") }}),

    party_names as (
        select distinct company_id, {{ plain_text(replace_all("name", "'[0-9]+'", "'0'")) }} as name
        from {{ ref("int_third_parties__listed") }}
        where name is not null
    ),

    -- Each text is made plain once: words without digits and names of months.
    plain_texts as (
        select text, {{ plain_text("text") }} as plain_name
        from (select distinct text from transactions) as distinct_texts
    ),

    texts as (
        select
            text,
            plain_name,
            trim(
                {{
                    replace_all(
                        replace_all(
                            "concat(' ', replace(plain_name, ' ', '  '), ' ')",
                            "' ([A-Z]*0[A-Z0]*|" ~ months ~ ") '",
                            "' '",
                        ),
                        "' +'",
                        "' '",
                    )
                }}
            ) as words
        from plain_texts
    ),

    known as (
        select
            transactions.*,
            booked.ledger_label,
            case when transactions.amount > 0 then 'in' else 'out' end as direction,
            coalesce(transactions.iban, nullif(texts.words, ''), transactions.transaction_kind) as flow_key,
            case
                when booked.is_trade = 1
                then 'trade'
                when booked.is_own = 1
                then 'own'
                when booked.bank_transaction_id is not null
                then 'other'
                when settling.bank_transaction_id is not null
                then 'trade'
                when own_accounts.iban is not null
                then 'own'
                when party_ibans.iban is not null or party_names.name is not null
                then 'trade'
            end as known_class
        from transactions
        inner join texts on transactions.text = texts.text
        left join booked on transactions.bank_transaction_id = booked.bank_transaction_id
        left join settling on transactions.bank_transaction_id = settling.bank_transaction_id
        left join
            own_accounts
            on transactions.company_id = own_accounts.company_id
            and transactions.iban = own_accounts.iban
        left join
            party_ibans
            on transactions.company_id = party_ibans.company_id
            and transactions.iban = party_ibans.iban
        left join
            party_names
            on transactions.company_id = party_names.company_id
            and case when transactions.is_name then texts.plain_name end = party_names.name
    ),

    parties as (
        select
            company_id,
            direction,
            flow_key,
            sum(case when known_class = 'trade' then 1 else 0 end) as trade_count,
            sum(case when known_class = 'own' then 1 else 0 end) as own_count,
            sum(case when known_class = 'other' then 1 else 0 end) as other_count
        from known
        group by company_id, direction, flow_key
    )

select
    known.bank_transaction_id,
    known.company_id,
    known.bank_account_id,
    known.currency_code,
    known.direction,
    known.flow_key,
    known.booking_date,
    known.amount,
    known.transaction_kind,
    known.ledger_label,
    case
        when known.known_class is not null
        then known.known_class
        when parties.trade_count > 0 and parties.trade_count >= parties.other_count
        then 'trade'
        when parties.own_count > parties.other_count
        then 'own'
        else 'other'
    end as line_class
from known
inner join
    parties
    on known.company_id = parties.company_id
    and known.direction = parties.direction
    and known.flow_key = parties.flow_key
