-- A view: publishing makes the one copy that is needed.
{{ config(materialized="view") }}

select
    ledger_line_id,
    company_id,
    fiscal_year_end_date,
    journal_code,
    journal_name,
    entry_number,
    entry_date,
    account_code,
    account_name,
    account_role,
    third_party_id,
    document_ref,
    document_date,
    label,
    debit,
    credit,
    amount_currency,
    currency_code,
    letter_code,
    is_opening,
    is_restatement,
    is_validated,
    source_file,
    source_row
from {{ ref("int_ledger__lines_identified") }}
