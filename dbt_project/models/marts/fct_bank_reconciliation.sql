-- Both sides of a group are laid along one line, in order of day: a pair is where a bank line and a
-- ledger line lie over each other. So the pairs add up to the smaller side, and no line is in them
-- beyond its amount. Amounts against the group's direction are laid first, below zero, where a side
-- of one line reaches to meet them. Money in that was booked as money out, which only a person matches,
-- agrees in nothing.
with
    matches as (select * from {{ ref("fct_bank_matches") }}),

    placed as (
        select
            members.match_id,
            members.side,
            members.object_id,
            matches.direction * members.amount as amount,
            coalesce(transactions.booking_date, lines.entry_date) as day,
            transactions.bank_transaction_id,
            transactions.bank_entry_reference,
            lines.ledger_line_id,
            lines.entry_number as ledger_entry_number
        from {{ ref("fct_bank_match_members") }} as members
        inner join
            (
                select match_id, case when bank_amount < 0 then -1 else 1 end as direction from matches
            ) as matches
            on members.match_id = matches.match_id
        left join
            {{ ref("int_bank__transactions") }} as transactions
            on members.object_id = transactions.bank_transaction_id
        left join
            {{ ref("int_ledger__lines_identified") }} as lines on members.object_id = lines.ledger_line_id
    ),

    laid as (
        select
            *,
            sum(amount) over (
                partition by match_id, side
                order by sign(amount), day, object_id
                rows between unbounded preceding and current row
            ) as laid_until,
            count(*) over (partition by match_id, side) as line_count
        from placed
    ),

    spans as (
        select
            *,
            min(laid_until) over (partition by match_id) as lowest,
            case when amount < 0 then laid_until else laid_until - amount end as span_start,
            case when amount < 0 then laid_until - amount else laid_until end as span_end
        from laid
    ),

    reaching as (
        select
            match_id,
            side,
            object_id,
            bank_transaction_id,
            bank_entry_reference,
            ledger_line_id,
            ledger_entry_number,
            sign(amount) as direction,
            case when line_count = 1 then least(span_start, lowest) else span_start end as span_start,
            span_end
        from spans
    ),

    pairs as (
        select
            bank.match_id,
            bank.bank_transaction_id,
            bank.bank_entry_reference,
            ledger.ledger_line_id,
            ledger.ledger_entry_number,
            bank.direction
            * ledger.direction
            * (least(bank.span_end, ledger.span_end) - greatest(bank.span_start, ledger.span_start)) as amount
        from reaching as bank
        inner join
            reaching as ledger
            on bank.match_id = ledger.match_id
            and bank.span_start < ledger.span_end
            and ledger.span_start < bank.span_end
        where bank.side = 'bank' and ledger.side = 'ledger'
    )

select
    pairs.match_id,
    matches.company_id,
    matches.bank_account_id,
    pairs.bank_transaction_id,
    pairs.bank_entry_reference,
    pairs.ledger_line_id,
    pairs.ledger_entry_number,
    matches.currency_code,
    cast(
        case
            when sign(matches.bank_amount) * sign(matches.ledger_amount) < 0
            then 0
            when matches.bank_amount < 0
            then - pairs.amount
            else pairs.amount
        end as decimal(18, 2)
    ) as matched_amount,
    matches.match_status,
    matches.match_rule,
    matches.match_score,
    matches.match_cardinality
from pairs
inner join matches on pairs.match_id = matches.match_id
