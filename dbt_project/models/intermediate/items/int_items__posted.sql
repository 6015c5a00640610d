-- Every third-party item ever posted, one row per line or per instalment of a line, with its document, its
-- due date and where that came from: the ledger's own column, the invoice, the item that it carries on,
-- the third party's terms, the default. What opens the first year with no date but the opening date has
-- none.
with
    context as (select default_payment_terms from {{ source("run", "context") }}),

    default_terms as (select {{ plain_terms("default_payment_terms") }} as plain_terms from context),

    lines as (select * from {{ ref("int_items__lines_typed") }}),

    instalments as (select * from {{ ref("int_items__documents_matched") }}),

    -- The document of the line itself, or of the item that it carries on.
    documented as (
        select
            lines.*,
            origins.origin_line_id,
            coalesce(origin_lines.ledger_line_id, lines.ledger_line_id) as dated_line_id,
            case
                when lines.item_type = 'transfer' and origin_lines.document_ref is not null
                then origin_lines.document_ref
                else lines.document_ref
            end as carried_document_ref,
            case
                when origin_lines.ledger_line_id is not null
                then coalesce(origin_lines.document_date, origin_lines.entry_date)
                else coalesce(lines.document_date, lines.entry_date)
            end as carried_document_date,
            case
                when origin_lines.ledger_line_id is not null
                then origin_lines.is_opening
                else lines.is_opening
            end as dated_by_opening,
            case
                when origin_lines.ledger_line_id is not null
                then origin_lines.fiscal_year_start_date
                else lines.fiscal_year_start_date
            end as dated_fiscal_year_start_date,
            coalesce(lines.due_date, origin_lines.due_date) as ledger_due_date
        from lines
        left join {{ ref("int_items__origins") }} as origins on lines.ledger_line_id = origins.ledger_line_id
        left join lines as origin_lines on origins.origin_line_id = origin_lines.ledger_line_id
    ),

    whole_due_dates as (
        select ledger_line_id, min(due_date) as due_date from instalments group by ledger_line_id
    ),

    terms as (
        select
            documented.ledger_line_id,
            {{ due_date_under_terms("documented.carried_document_date", "parties.plain_terms") }}
            as terms_due_date,
            {{ due_date_under_terms("documented.carried_document_date", "default_terms.plain_terms") }}
            as default_due_date
        from documented
        left join
            {{ ref("int_third_parties__listed") }} as parties
            on documented.third_party_id = parties.third_party_id
        cross join default_terms
    ),

    items as (
        select
            documented.*,
            own_rows.instalment_number,
            coalesce(own_rows.instalment_amount, documented.side_amount) as item_amount,
            sum(own_rows.instalment_amount) over (
                partition by documented.ledger_line_id order by own_rows.instalment_number
            ) as amount_so_far,
            own_rows.due_date as own_invoice_due_date,
            whole_due_dates.due_date as origin_invoice_due_date,
            terms.terms_due_date,
            terms.default_due_date
        from documented
        left join instalments as own_rows on documented.ledger_line_id = own_rows.ledger_line_id
        left join whole_due_dates on documented.origin_line_id = whole_due_dates.ledger_line_id
        inner join terms on documented.ledger_line_id = terms.ledger_line_id
    ),

    dated as (
        select
            *,
            case
                when instalment_number is not null
                then own_invoice_due_date
                when ledger_due_date is not null
                then ledger_due_date
                when side_amount <= 0 or account_role in ('customer_advance', 'supplier_advance')
                then null
                when coalesce(own_invoice_due_date, origin_invoice_due_date) is not null
                then coalesce(own_invoice_due_date, origin_invoice_due_date)
                when dated_by_opening and carried_document_date >= dated_fiscal_year_start_date
                then null
                else coalesce(terms_due_date, default_due_date)
            end as item_due_date,
            case
                when instalment_number is not null
                then 'invoice'
                when ledger_due_date is not null
                then 'ledger'
                when side_amount <= 0 or account_role in ('customer_advance', 'supplier_advance')
                then null
                when coalesce(own_invoice_due_date, origin_invoice_due_date) is not null
                then 'invoice'
                when dated_by_opening and carried_document_date >= dated_fiscal_year_start_date
                then 'opening'
                when terms_due_date is not null
                then 'terms'
                else 'default'
            end as item_due_date_source
        from items
    )

select
    case
        when instalment_number is null
        then ledger_line_id
        else concat(ledger_line_id, '/', cast(instalment_number as string))
    end as item_id,
    ledger_line_id,
    company_id,
    fiscal_year_end_date,
    ledger_side,
    third_party_id,
    account_code,
    account_role,
    unit_id,
    item_type,
    settlement_kind,
    carried_document_ref as document_ref,
    journal_code,
    entry_number,
    entry_date,
    carried_document_date as document_date,
    item_due_date as due_date,
    item_due_date_source as due_date_source,
    currency_code,
    item_amount as original_amount,
    case
        when amount_currency is null or side_amount = 0
        then null
        when item_amount = side_amount
        then case when side_amount < 0 then - abs(amount_currency) else abs(amount_currency) end
        else
            -- Shares of the running total, so that the instalments add up to the cent.
            {{ share_of("abs(amount_currency)", "amount_so_far", "abs(side_amount)") }}
            - {{ share_of("abs(amount_currency)", "(amount_so_far - item_amount)", "abs(side_amount)") }}
    end as original_amount_currency,
    account_role = 'customer_doubtful' as is_doubtful,
    is_validated,
    source_row,
    false as is_opening_difference
from dated

union all

select
    differences.item_id,
    differences.item_id as ledger_line_id,
    differences.company_id,
    differences.fiscal_year_end_date,
    differences.ledger_side,
    differences.third_party_id,
    differences.account_code,
    differences.account_role,
    concat_ws('|', differences.third_party_id, differences.account_code) as unit_id,
    'opening' as item_type,
    'offset' as settlement_kind,
    concat('opening difference ', cast(differences.entry_date as string)) as document_ref,
    cast(null as string) as journal_code,
    cast(null as string) as entry_number,
    differences.entry_date,
    differences.entry_date as document_date,
    cast(null as date) as due_date,
    'opening' as due_date_source,
    cast(null as string) as currency_code,
    differences.difference as original_amount,
    cast(null as decimal(18, 2)) as original_amount_currency,
    differences.account_role = 'customer_doubtful' as is_doubtful,
    true as is_validated,
    cast(0 as bigint) as source_row,
    true as is_opening_difference
from {{ ref("int_items__opening_differences") }} as differences
where differences.difference <> 0
