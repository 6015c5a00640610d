-- Lettered lines with the group that they belong to. A code is a group within one company, fiscal year,
-- account and third party; it comes round again, so its lines in date order are split where their balance
-- returns to zero at the end of a day. A group that never returns to zero is partial lettering. Opening
-- lines stand for what they restate.
with
    lettered as (
        select
            ledger_line_id,
            company_id,
            fiscal_year_end_date,
            account_code,
            third_party_id,
            letter_code,
            entry_date,
            is_restatement,
            side_amount
        from {{ ref("int_ledger__lines_identified") }}
        where ledger_side is not null and letter_code is not null
    ),

    days as (
        select
            company_id,
            fiscal_year_end_date,
            account_code,
            third_party_id,
            letter_code,
            entry_date,
            sum(side_amount) as day_amount
        from lettered
        group by company_id, fiscal_year_end_date, account_code, third_party_id, letter_code, entry_date
    ),

    running as (
        select
            *,
            sum(day_amount) over (
                partition by company_id, fiscal_year_end_date, account_code, third_party_id, letter_code
                order by entry_date
                rows between unbounded preceding and current row
            ) as balance_at_close
        from days
    ),

    segments as (
        select
            *,
            coalesce(
                sum(case when balance_at_close = 0 then 1 else 0 end) over (
                    partition by company_id, fiscal_year_end_date, account_code, third_party_id, letter_code
                    order by entry_date
                    rows between unbounded preceding and 1 preceding
                ),
                0
            ) as segment
        from running
    ),

    grouped as (
        select
            lettered.ledger_line_id,
            lettered.is_restatement,
            lettered.side_amount,
            concat_ws(
                '|',
                lettered.third_party_id,
                lettered.account_code,
                cast(lettered.fiscal_year_end_date as string),
                lettered.letter_code,
                cast(segments.segment as string)
            ) as lettering_group
        from lettered
        inner join
            segments
            on lettered.company_id = segments.company_id
            and lettered.fiscal_year_end_date = segments.fiscal_year_end_date
            and lettered.account_code = segments.account_code
            and lettered.third_party_id = segments.third_party_id
            and lettered.letter_code = segments.letter_code
            and lettered.entry_date = segments.entry_date
    ),

    balances as (
        select lettering_group, sum(side_amount) as group_balance from grouped group by lettering_group
    )

select grouped.ledger_line_id, grouped.lettering_group, grouped.is_restatement, balances.group_balance
from grouped
inner join balances on grouped.lettering_group = balances.lettering_group
