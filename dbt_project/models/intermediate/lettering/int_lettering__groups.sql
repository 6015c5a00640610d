-- Lettered lines with the group that they belong to. A code is a group within one fiscal year, account and
-- third party; it comes round again, so its lines in date order are split where their balance returns to
-- zero at the end of a day. A group that never returns to zero is partial lettering. Opening lines stand for
-- what they restate, and speak of the year's first day whenever they are dated.
with
    lines as (
        select
            ledger_line_id,
            concat_ws('|', third_party_id, account_code) as unit_id,
            fiscal_year_end_date,
            letter_code,
            document_ref,
            is_restatement,
            side_amount,
            case when is_restatement then fiscal_year_start_date else entry_date end as lettered_date
        from {{ ref("int_ledger__lines_identified") }}
        where ledger_side is not null and (letter_code is not null or is_restatement)
    ),

    own_letters as (
        select *, concat_ws('|', unit_id, cast(fiscal_year_end_date as string), letter_code) as code_id
        from lines
        where letter_code is not null
    ),

    partial_codes as (select code_id from own_letters group by code_id having sum(side_amount) <> 0),

    -- Some packages write the letter of a settlement across two years on the line of the first one, not on
    -- the opening line that restates it. That line may have the letter too, if no other stands on its
    -- document.
    letters_before as (
        select
            openings.ledger_line_id,
            openings.side_amount,
            concat_ws(
                '|',
                openings.unit_id,
                cast(openings.fiscal_year_end_date as string),
                min(originals.letter_code)
            ) as code_id
        from lines as openings
        inner join
            own_letters as originals
            on openings.unit_id = originals.unit_id
            and openings.document_ref = originals.document_ref
            and originals.fiscal_year_end_date < openings.fiscal_year_end_date
            and not originals.is_restatement
        inner join partial_codes on originals.code_id = partial_codes.code_id
        where openings.is_restatement and openings.letter_code is null
        group by
            openings.ledger_line_id, openings.unit_id, openings.fiscal_year_end_date, openings.side_amount
        having count(distinct originals.letter_code) = 1
    ),

    amounts_before as (
        select code_id, sum(side_amount) as carried_amount from letters_before group by code_id
    ),

    own_days as (
        select
            code_id,
            lettered_date,
            sum(sum(side_amount)) over (
                partition by code_id order by lettered_date rows between unbounded preceding and current row
            ) as balance_at_close
        from own_letters
        group by code_id, lettered_date
    ),

    -- It has the letter from the first day on which this makes the code balance. What comes later under the
    -- same code is another group.
    proofs as (
        select own_days.code_id, min(own_days.lettered_date) as proven_date
        from own_days
        inner join amounts_before on own_days.code_id = amounts_before.code_id
        where own_days.balance_at_close = - amounts_before.carried_amount
        group by own_days.code_id
    ),

    lettered as (
        select ledger_line_id, code_id, lettered_date, is_restatement, side_amount
        from own_letters
        union all
        select
            letters_before.ledger_line_id,
            letters_before.code_id,
            proofs.proven_date as lettered_date,
            true as is_restatement,
            letters_before.side_amount
        from letters_before
        inner join proofs on letters_before.code_id = proofs.code_id
    ),

    days as (
        select
            code_id,
            lettered_date,
            sum(sum(side_amount)) over (
                partition by code_id order by lettered_date rows between unbounded preceding and current row
            ) as balance_at_close
        from lettered
        group by code_id, lettered_date
    ),

    segments as (
        select
            code_id,
            lettered_date,
            coalesce(
                sum(case when balance_at_close = 0 then 1 else 0 end) over (
                    partition by code_id
                    order by lettered_date
                    rows between unbounded preceding and 1 preceding
                ),
                0
            ) as segment
        from days
    ),

    grouped as (
        select
            lettered.ledger_line_id,
            lettered.is_restatement,
            lettered.side_amount,
            concat_ws('|', lettered.code_id, cast(segments.segment as string)) as lettering_group
        from lettered
        inner join
            segments
            on lettered.code_id = segments.code_id
            and lettered.lettered_date = segments.lettered_date
    ),

    balances as (
        select lettering_group, sum(side_amount) as group_balance from grouped group by lettering_group
    )

select grouped.ledger_line_id, grouped.lettering_group, grouped.is_restatement, balances.group_balance
from grouped
inner join balances on grouped.lettering_group = balances.lettering_group
