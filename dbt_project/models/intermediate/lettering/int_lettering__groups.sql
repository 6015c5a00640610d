-- Lettered lines with the group that they belong to. A code is a group within one company, fiscal year,
-- account and third party; it comes round again, so its lines in date order are split where their balance
-- returns to zero at the end of a day. A group that never returns to zero is partial lettering. Opening
-- lines stand for what they restate.
with
    lines as (
        select
            ledger_line_id,
            company_id,
            fiscal_year_end_date,
            account_code,
            third_party_id,
            letter_code,
            entry_date,
            document_ref,
            is_restatement,
            side_amount
        from {{ ref("int_ledger__lines_identified") }}
        where ledger_side is not null and (letter_code is not null or is_restatement)
    ),

    codes as (
        select
            company_id,
            fiscal_year_end_date,
            account_code,
            third_party_id,
            letter_code,
            sum(side_amount) as code_balance
        from lines
        where letter_code is not null
        group by company_id, fiscal_year_end_date, account_code, third_party_id, letter_code
        having sum(side_amount) <> 0
    ),

    -- Some packages write the letter of a settlement across two years on the line of the first one, not on
    -- the opening
    -- line that restates it. That opening line then has the letter too, where this makes the later year's
    -- code balance.
    letters_carried as (
        select distinct openings.ledger_line_id, openings.side_amount, later.letter_code
        from lines as openings
        inner join
            codes as later
            on openings.company_id = later.company_id
            and openings.fiscal_year_end_date = later.fiscal_year_end_date
            and openings.account_code = later.account_code
            and openings.third_party_id = later.third_party_id
        inner join
            lines as originals
            on openings.company_id = originals.company_id
            and openings.account_code = originals.account_code
            and openings.third_party_id = originals.third_party_id
            and openings.document_ref = originals.document_ref
            and later.letter_code = originals.letter_code
            and originals.fiscal_year_end_date < openings.fiscal_year_end_date
            and not originals.is_restatement
        inner join
            codes as earlier
            on originals.company_id = earlier.company_id
            and originals.fiscal_year_end_date = earlier.fiscal_year_end_date
            and originals.account_code = earlier.account_code
            and originals.third_party_id = earlier.third_party_id
            and originals.letter_code = earlier.letter_code
        where openings.is_restatement and openings.letter_code is null
    ),

    openings_lettered as (
        select lines.*, letters_carried.letter_code as carried_letter_code
        from letters_carried
        inner join lines on letters_carried.ledger_line_id = lines.ledger_line_id
    ),

    carried_balances as (
        select
            company_id,
            fiscal_year_end_date,
            account_code,
            third_party_id,
            carried_letter_code,
            sum(side_amount) as carried_balance
        from openings_lettered
        group by company_id, fiscal_year_end_date, account_code, third_party_id, carried_letter_code
    ),

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
        from lines
        where letter_code is not null
        union all
        select
            openings_lettered.ledger_line_id,
            openings_lettered.company_id,
            openings_lettered.fiscal_year_end_date,
            openings_lettered.account_code,
            openings_lettered.third_party_id,
            openings_lettered.carried_letter_code as letter_code,
            openings_lettered.entry_date,
            openings_lettered.is_restatement,
            openings_lettered.side_amount
        from openings_lettered
        inner join
            carried_balances
            on openings_lettered.company_id = carried_balances.company_id
            and openings_lettered.fiscal_year_end_date = carried_balances.fiscal_year_end_date
            and openings_lettered.account_code = carried_balances.account_code
            and openings_lettered.third_party_id = carried_balances.third_party_id
            and openings_lettered.carried_letter_code = carried_balances.carried_letter_code
        inner join
            codes
            on carried_balances.company_id = codes.company_id
            and carried_balances.fiscal_year_end_date = codes.fiscal_year_end_date
            and carried_balances.account_code = codes.account_code
            and carried_balances.third_party_id = codes.third_party_id
            and carried_balances.carried_letter_code = codes.letter_code
            and codes.code_balance = - carried_balances.carried_balance
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
