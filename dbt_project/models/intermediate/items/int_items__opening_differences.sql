-- Where opening entries do not restate what the years before left open: one row per third party's account
-- and year, with the difference as an item of its own. Lines without auxiliary on an account that
-- otherwise has auxiliaries are compared for the account as a whole. Where a year is missing in between,
-- the opening entries are items themselves, and the difference takes back all that the years before it
-- left.
with
    lines as (
        select
            company_id,
            account_code,
            account_role,
            ledger_side,
            third_party_kind,
            third_party_id,
            fiscal_year_end_date,
            fiscal_year_start_date,
            entry_date,
            side_amount,
            is_restatement,
            concat_ws('/', company_id, third_party_kind, account_code) = third_party_id as is_account_itself
        from {{ ref("int_ledger__lines_identified") }}
        where ledger_side is not null
    ),

    whole_accounts as (
        select company_id, account_code
        from lines
        group by company_id, account_code
        having
            sum(case when is_restatement and is_account_itself then 1 else 0 end) > 0
            and sum(case when not is_account_itself then 1 else 0 end) > 0
    ),

    keyed as (
        select
            lines.company_id,
            lines.account_code,
            lines.account_role,
            lines.ledger_side,
            lines.fiscal_year_end_date,
            lines.side_amount,
            lines.is_restatement,
            case
                when whole_accounts.company_id is not null
                then concat_ws('/', lines.company_id, lines.third_party_kind, lines.account_code)
                else lines.third_party_id
            end as third_party_id
        from lines
        left join
            whole_accounts
            on lines.company_id = whole_accounts.company_id
            and lines.account_code = whole_accounts.account_code
    ),

    -- A period runs from one year with opening entries to the next; what it leaves is what the next must
    -- restate.
    opened_years as (
        select company_id, fiscal_year_end_date, max(case when opens_later_year then 1 else 0 end) as opens
        from {{ ref("int_ledger__lines_identified") }}
        group by company_id, fiscal_year_end_date
    ),

    periods as (
        select
            company_id,
            fiscal_year_end_date,
            sum(opens) over (partition by company_id order by fiscal_year_end_date) as period_number
        from opened_years
    ),

    period_starts as (
        select
            periods.company_id,
            periods.period_number,
            min(periods.fiscal_year_end_date) as fiscal_year_end_date,
            min(years.fiscal_year_start_date) as fiscal_year_start_date
        from periods
        inner join
            {{ ref("int_ledger__fiscal_years") }} as years
            on periods.company_id = years.company_id
            and periods.fiscal_year_end_date = years.fiscal_year_end_date
        group by periods.company_id, periods.period_number
    ),

    totals as (
        select
            keyed.company_id,
            keyed.account_code,
            keyed.account_role,
            keyed.ledger_side,
            keyed.third_party_id,
            periods.period_number,
            sum(case when keyed.is_restatement then keyed.side_amount else 0 end) as restated_amount,
            sum(keyed.side_amount) as closing_amount
        from keyed
        inner join
            periods
            on keyed.company_id = periods.company_id
            and keyed.fiscal_year_end_date = periods.fiscal_year_end_date
        group by
            keyed.company_id,
            keyed.account_code,
            keyed.account_role,
            keyed.ledger_side,
            keyed.third_party_id,
            periods.period_number
    ),

    compared as (
        select
            company_id,
            account_code,
            account_role,
            ledger_side,
            third_party_id,
            period_number,
            restated_amount,
            cast(0 as decimal(18, 2)) as left_open_amount
        from totals
        union all
        select
            company_id,
            account_code,
            account_role,
            ledger_side,
            third_party_id,
            period_number + 1 as period_number,
            cast(0 as decimal(18, 2)) as restated_amount,
            closing_amount as left_open_amount
        from totals
    ),

    differences as (
        select
            compared.company_id,
            compared.account_code,
            compared.account_role,
            compared.ledger_side,
            compared.third_party_id,
            period_starts.fiscal_year_end_date,
            period_starts.fiscal_year_start_date,
            cast(sum(compared.left_open_amount) as decimal(18, 2)) as left_open_amount,
            cast(sum(compared.restated_amount) as decimal(18, 2)) as restated_amount
        from compared
        inner join
            period_starts
            on compared.company_id = period_starts.company_id
            and compared.period_number = period_starts.period_number
        where compared.period_number > 0
        group by
            compared.company_id,
            compared.account_code,
            compared.account_role,
            compared.ledger_side,
            compared.third_party_id,
            period_starts.fiscal_year_end_date,
            period_starts.fiscal_year_start_date
    )

select
    {{
        stable_id(
            [
                "'opening difference'",
                "company_id",
                "account_code",
                "third_party_id",
                "fiscal_year_start_date",
            ]
        )
    }} as item_id,
    company_id,
    account_code,
    account_role,
    ledger_side,
    third_party_id,
    fiscal_year_end_date,
    fiscal_year_start_date as entry_date,
    left_open_amount,
    restated_amount,
    cast(restated_amount - left_open_amount as decimal(18, 2)) as difference
from differences
