-- The table of article D441-6 I of the Code de commerce, on both sides: documents unpaid at the closing of
-- each fiscal year, VAT included, by how late they were; those in dispute left out and told beside it. The
-- running year stands as of the run's date. Of a document in dispute for a part, the rest stays. A document
-- paid in instalments counts once in each band that
-- one of them is in, and once in the total.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    closings as (
        select
            years.company_id,
            years.fiscal_year_start_date,
            years.fiscal_year_end_date,
            least(years.fiscal_year_end_date, context.as_of_date) as closing_date,
            years.fiscal_year_end_date <= context.as_of_date as is_closed
        from {{ ref("int_ledger__fiscal_years") }} as years
        cross join context
        where years.fiscal_year_start_date <= context.as_of_date
    ),

    items as (
        select
            item_id,
            company_id,
            ledger_side,
            item_type,
            settlement_kind,
            entry_date,
            due_date,
            original_amount,
            account_role in ('customer_advance', 'supplier_advance') as is_advance,
            concat_ws('|', third_party_id, coalesce(document_ref, item_id)) as document
        from {{ ref("int_items__posted") }}
    ),

    open_items as (
        select
            closings.company_id,
            closings.fiscal_year_end_date,
            closings.closing_date,
            items.item_id,
            items.ledger_side,
            items.document,
            balances.open_amount,
            {{ days_between("items.due_date", "closings.closing_date") }} as days_late
        from {{ ref("int_items__balances") }} as balances
        inner join items on balances.item_id = items.item_id
        inner join
            closings
            on items.company_id = closings.company_id
            and balances.valid_from_date <= closings.closing_date
            and coalesce(balances.valid_to_date, date '9999-12-31') >= closings.closing_date
        where
            balances.open_amount > 0
            and items.item_type in ('invoice', 'opening', 'transfer', 'payment')
            and not items.is_advance
    ),

    -- The amount of a dispute is spread over what was open of its document, what falls due first before.
    spread as (
        select
            open_items.fiscal_year_end_date,
            open_items.item_id,
            open_items.open_amount,
            disputes.whole_disputed_amount,
            sum(open_items.open_amount) over (
                partition by disputes.dispute_id, open_items.fiscal_year_end_date
                order by coalesce(disputes.due_date, date '1000-01-01'), disputes.item_id
                rows between unbounded preceding and current row
            ) as until_amount
        from {{ ref("int_follow_up__disputes") }} as disputes
        inner join
            open_items
            on disputes.item_id = open_items.item_id
            and disputes.opened_on <= open_items.closing_date
            and coalesce(disputes.closed_on, date '9999-12-31') > open_items.closing_date
    ),

    disputed as (
        select
            fiscal_year_end_date,
            item_id,
            sum(
                case
                    when whole_disputed_amount is null
                    then open_amount
                    else greatest(least(open_amount, whole_disputed_amount + open_amount - until_amount), 0)
                end
            ) as disputed_amount
        from spread
        group by fiscal_year_end_date, item_id
    ),

    -- Payments that the books hold, or the bank, and that nobody has lettered.
    matched as (
        select open_items.fiscal_year_end_date, open_items.item_id, sum(solved.amount) as matched_amount
        from {{ ref("int_settlements__solved") }} as solved
        inner join
            open_items
            on solved.owed_item_id = open_items.item_id
            and solved.effective_date <= open_items.closing_date
        where solved.status = 'matched'
        group by open_items.fiscal_year_end_date, open_items.item_id
    ),

    split as (
        select
            open_items.*,
            least(coalesce(disputed.disputed_amount, 0), open_items.open_amount) as disputed_amount,
            coalesce(matched.matched_amount, 0) as matched_amount
        from open_items
        left join
            disputed
            on open_items.fiscal_year_end_date = disputed.fiscal_year_end_date
            and open_items.item_id = disputed.item_id
        left join
            matched
            on open_items.fiscal_year_end_date = matched.fiscal_year_end_date
            and open_items.item_id = matched.item_id
    ),

    unpaid as (
        select
            *,
            open_amount - disputed_amount as undisputed_amount,
            least(matched_amount, open_amount - disputed_amount) as matched_undisputed_amount
        from split
    ),

    traded as (
        select
            closings.company_id,
            closings.fiscal_year_end_date,
            items.ledger_side,
            sum(items.original_amount) as traded_amount
        from items
        inner join
            closings
            on items.company_id = closings.company_id
            and items.entry_date >= closings.fiscal_year_start_date
            and items.entry_date <= closings.closing_date
        where
            items.item_type in ('invoice', 'credit_note')
            and items.settlement_kind = 'credit_note'
            and not items.is_advance
        group by closings.company_id, closings.fiscal_year_end_date, items.ledger_side
    ),

    sides as (
        select 'receivable' as ledger_side
        union all
        select 'payable'
    ),

    cells as (
        select
            closings.*,
            sides.ledger_side,
            bands.lateness_band,
            bands.band_order,
            bands.from_days,
            bands.to_days,
            bands.label_fr,
            bands.label_en
        from closings
        cross join sides
        cross join {{ ref("lateness_bands") }} as bands
    ),

    counted as (
        select
            cells.company_id,
            cells.fiscal_year_end_date,
            cells.ledger_side,
            cells.lateness_band,
            count(distinct case when unpaid.undisputed_amount > 0 then unpaid.document end) as document_count,
            sum(unpaid.undisputed_amount) as amount,
            sum(unpaid.matched_undisputed_amount) as matched_amount,
            count(
                distinct case when unpaid.disputed_amount > 0 then unpaid.document end
            ) as disputed_document_count,
            sum(unpaid.disputed_amount) as disputed_amount
        from cells
        inner join
            unpaid
            on cells.company_id = unpaid.company_id
            and cells.fiscal_year_end_date = unpaid.fiscal_year_end_date
            and cells.ledger_side = unpaid.ledger_side
            and (
                (cells.lateness_band = 'undated' and unpaid.days_late is null)
                or (
                    cells.lateness_band <> 'undated'
                    and unpaid.days_late >= coalesce(cells.from_days, -2147483648)
                    and unpaid.days_late <= coalesce(cells.to_days, 2147483647)
                )
            )
        group by cells.company_id, cells.fiscal_year_end_date, cells.ledger_side, cells.lateness_band
    )

select
    cells.company_id,
    cells.fiscal_year_end_date,
    cells.ledger_side,
    cells.lateness_band,
    cells.band_order,
    cells.label_fr,
    cells.label_en,
    cells.closing_date,
    cells.is_closed,
    coalesce(counted.document_count, 0) as document_count,
    cast(coalesce(counted.amount, 0) as decimal(18, 2)) as amount,
    cast(
        case
            when traded.traded_amount > 0
            then {{ ratio("coalesce(counted.amount, 0)", "traded.traded_amount") }}
        end as decimal(12, 6)
    ) as share,
    cast(coalesce(counted.matched_amount, 0) as decimal(18, 2)) as matched_amount,
    coalesce(counted.disputed_document_count, 0) as disputed_document_count,
    cast(coalesce(counted.disputed_amount, 0) as decimal(18, 2)) as disputed_amount,
    cast(
        case
            when traded.traded_amount > 0
            then {{ ratio("coalesce(counted.disputed_amount, 0)", "traded.traded_amount") }}
        end as decimal(12, 6)
    ) as disputed_share,
    cast(coalesce(traded.traded_amount, 0) as decimal(18, 2)) as traded_amount,
    companies.base_currency
from cells
left join
    counted
    on cells.company_id = counted.company_id
    and cells.fiscal_year_end_date = counted.fiscal_year_end_date
    and cells.ledger_side = counted.ledger_side
    and cells.lateness_band = counted.lateness_band
left join
    traded
    on cells.company_id = traded.company_id
    and cells.fiscal_year_end_date = traded.fiscal_year_end_date
    and cells.ledger_side = traded.ledger_side
left join {{ ref("int_companies__known") }} as companies on cells.company_id = companies.company_id
