-- Bank lines of statements, and of reports where no statement covers their day, with their occurrence among
-- identical ones: within a chain of statements all lines count; across chains (overlapping files) and across
-- reports an identical line is the same movement, so what shows most decides. Chains that show the same sum
-- for a day tell the same movements in other words (another format, a batch or its details): the one with
-- most lines speaks for that day.
with
    lines as (
        select
            *,
            case
                when statement_kind = 'statement' then cast(chain_number as string) else statement_id
            end as shown_by
        from {{ ref("int_bank__lines_keyed") }}
        where statement_kind = 'statement' or (statement_kind = 'report' and not is_covered)
    ),

    days_told as (
        select
            company_id,
            account_number,
            currency_code,
            booking_date,
            chain_number,
            row_number() over (
                partition by company_id, account_number, currency_code, booking_date, sum(amount)
                order by count(*) desc, chain_number
            ) as telling
        from lines
        where statement_kind = 'statement'
        group by company_id, account_number, currency_code, booking_date, chain_number
    ),

    numbered as (
        select
            lines.*,
            coalesce(days_told.telling, 1) > 1 as is_told_otherwise,
            row_number() over (
                partition by lines.line_key, lines.statement_kind, lines.shown_by
                order by lines.statement_order, lines.entry_ordinal, lines.detail_ordinal
            ) as occurrence
        from lines
        left join
            days_told
            on lines.company_id = days_told.company_id
            and lines.account_number = days_told.account_number
            and lines.currency_code = days_told.currency_code
            and lines.booking_date = days_told.booking_date
            and lines.chain_number = days_told.chain_number
            and lines.statement_kind = 'statement'
    )

select
    *,
    -- 1 is what counts; a line that another chain tells in other words never is.
    row_number() over (
        partition by line_key, occurrence
        order by statement_kind desc, is_told_otherwise, chain_number, intake_number, statement_id
    )
    + case when is_told_otherwise then 1 else 0 end as showing
from numbered
