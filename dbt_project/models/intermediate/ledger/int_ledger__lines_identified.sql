-- Every ledger line in force with its stable id: the key, with an ordinal from the second of equals on. A
-- view: the lines are wide, and are written once.
{{ config(materialized="view") }}

select
    case
        when coalesce(repeated.line_ordinal, 1) = 1
        then lines.line_key
        else concat(lines.line_key, '-', cast(repeated.line_ordinal as string))
    end as ledger_line_id,
    lines.company_id,
    lines.fiscal_year_end_date,
    lines.fiscal_year_start_date,
    lines.journal_code,
    lines.journal_name,
    lines.entry_number,
    lines.entry_date,
    lines.account_code,
    lines.account_name,
    lines.account_role,
    lines.ledger_side,
    lines.third_party_id,
    lines.third_party_kind,
    lines.third_party_code,
    lines.third_party_name,
    lines.document_ref,
    lines.document_date,
    lines.label,
    lines.debit,
    lines.credit,
    lines.balance_amount,
    lines.side_amount,
    lines.amount_currency,
    lines.currency_code,
    lines.letter_code,
    lines.due_date,
    lines.is_opening,
    lines.is_restatement,
    lines.opens_later_year,
    lines.is_validated,
    lines.source_sha256,
    lines.source_file,
    lines.source_row
from {{ ref("int_ledger__lines_keyed") }} as lines
left join
    {{ ref("int_ledger__lines_repeated") }} as repeated
    on lines.source_sha256 = repeated.repeated_sha256
    and lines.source_row = repeated.repeated_row
