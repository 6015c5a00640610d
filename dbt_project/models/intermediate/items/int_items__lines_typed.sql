-- The lines that are items: every line of a customer's or supplier's account that is not the restatement
-- of another year's. Their type and the kind of settlement they make are read from the counterpart
-- accounts of their entry. `side_amount` is positive for what is owed (on either side of the ledger) and
-- negative for what settles it.
with
    lines as (
        select
            lines.ledger_line_id,
            lines.company_id,
            lines.fiscal_year_end_date,
            lines.fiscal_year_start_date,
            lines.ledger_side,
            lines.third_party_id,
            lines.third_party_kind,
            lines.account_code,
            lines.account_role,
            lines.journal_code,
            lines.entry_number,
            lines.entry_date,
            lines.document_ref,
            lines.document_date,
            lines.side_amount,
            lines.amount_currency,
            lines.currency_code,
            lines.due_date,
            lines.is_opening,
            lines.is_validated,
            lines.source_row,
            counterparts.entry_key,
            counterparts.counterpart_role,
            concat_ws('|', lines.third_party_id, lines.account_code) as unit_id
        from {{ ref("int_ledger__lines_identified") }} as lines
        left join
            {{ ref("int_ledger__entry_counterparts") }} as counterparts
            on lines.ledger_line_id = counterparts.ledger_line_id
        where lines.ledger_side is not null and not lines.is_restatement
    ),

    families as (
        select
            *,
            case
                when
                    counterpart_role
                    in ('income', 'expense', 'fixed_asset', 'vat', 'vat_output', 'vat_output_unpaid')
                then 'trade'
                when counterpart_role in ('bank', 'cash', 'collection', 'internal_transfer', 'overdraft')
                then 'money'
                when counterpart_role in ('customer_advance', 'supplier_advance')
                then 'advance'
                when counterpart_role in ('discount', 'exchange', 'bad_debt', 'rounding')
                then counterpart_role
                when counterpart_role = 'other_third_party'
                then 'transfer'
                when counterpart_role in ('customer', 'customer_bill', 'customer_doubtful')
                then case when ledger_side = 'receivable' then 'transfer' else 'offset' end
                when counterpart_role in ('supplier', 'supplier_bill')
                then case when ledger_side = 'payable' then 'transfer' else 'offset' end
                else 'other'
            end as counterpart_family
        from lines
    )

select
    *,
    case
        when is_opening
        then 'opening'
        when account_role in ('customer_advance', 'supplier_advance')
        then 'advance'
        when counterpart_family = 'trade'
        then case when side_amount < 0 then 'credit_note' else 'invoice' end
        when counterpart_family = 'advance'
        then case when side_amount < 0 then 'advance' else 'invoice' end
        when counterpart_family = 'money'
        then 'payment'
        when counterpart_family = 'transfer'
        then 'transfer'
        when counterpart_family in ('bad_debt', 'discount', 'rounding')
        then 'write_off'
        else 'other'
    end as item_type,
    case
        when is_opening
        then 'offset'
        when account_role in ('customer_advance', 'supplier_advance')
        then 'advance'
        when counterpart_family = 'trade'
        then 'credit_note'
        when counterpart_family = 'money'
        then 'payment'
        when counterpart_family in ('bad_debt', 'rounding')
        then 'write_off'
        when counterpart_family = 'other'
        then 'offset'
        else counterpart_family
    end as settlement_kind
from families
