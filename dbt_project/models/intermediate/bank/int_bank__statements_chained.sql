-- Statements with the chain that they belong to. In order of time a statement goes on its predecessor's chain
-- when it opens where that one closed; otherwise it begins one (it overlaps, or there is a gap). Lines of one
-- chain all count; of two chains that show the same day, the fuller one counts.
with recursive
    once as (select * from {{ ref("int_bank__statements_listed") }} where statement_kind = 'statement'),

    -- Of several statements of the same days, which comes first is told by their balances.
    alike as (
        select
            once.*,
            count(*) over (
                partition by company_id, account_number, account_currency, from_date, to_date
            ) as alike_count
        from once
    ),

    steps as (
        select alike.source_sha256, alike.statement_ordinal, 0 as step
        from alike
        where
            alike.alike_count > 1
            and not exists (
                select 1
                from alike as earlier
                where
                    earlier.company_id = alike.company_id
                    and earlier.account_number = alike.account_number
                    and coalesce(earlier.account_currency, '') = coalesce(alike.account_currency, '')
                    and earlier.from_date = alike.from_date
                    and earlier.to_date = alike.to_date
                    and earlier.closing_balance = alike.opening_balance
                    and (
                        earlier.source_sha256 <> alike.source_sha256
                        or earlier.statement_ordinal <> alike.statement_ordinal
                    )
            )
        union
        select later.source_sha256, later.statement_ordinal, steps.step + 1 as step
        from steps
        inner join
            alike
            on steps.source_sha256 = alike.source_sha256
            and steps.statement_ordinal = alike.statement_ordinal
        inner join
            alike as later
            on alike.company_id = later.company_id
            and alike.account_number = later.account_number
            and coalesce(alike.account_currency, '') = coalesce(later.account_currency, '')
            and alike.from_date = later.from_date
            and alike.to_date = later.to_date
            and alike.closing_balance = later.opening_balance
            and (
                alike.source_sha256 <> later.source_sha256
                or alike.statement_ordinal <> later.statement_ordinal
            )
        where steps.step < alike.alike_count
    ),

    last_steps as (
        select source_sha256, statement_ordinal, max(step) as step
        from steps
        group by source_sha256, statement_ordinal
    ),

    ordered as (
        select
            once.*,
            row_number() over (
                partition by company_id, account_number, account_currency
                order by
                    once.from_date,
                    once.to_date,
                    last_steps.step,
                    try_cast(once.sequence_number as bigint),
                    once.created_at,
                    once.statement_reference,
                    once.source_sha256,
                    once.statement_ordinal
            ) as statement_order
        from once
        left join
            last_steps
            on once.source_sha256 = last_steps.source_sha256
            and once.statement_ordinal = last_steps.statement_ordinal
    ),

    compared as (
        select
            *,
            lag(closing_balance) over (
                partition by company_id, account_number, account_currency order by statement_order
            ) as previous_closing_balance,
            lag(to_date) over (
                partition by company_id, account_number, account_currency order by statement_order
            ) as previous_to_date
        from ordered
    )

select
    *,
    sum(
        case
            when
                opening_balance = previous_closing_balance
                and (from_date >= previous_to_date or from_date is null)
            then 0
            else 1
        end
    ) over (
        partition by company_id, account_number, account_currency
        order by statement_order
        rows between unbounded preceding and current row
    ) as chain_number
from compared
