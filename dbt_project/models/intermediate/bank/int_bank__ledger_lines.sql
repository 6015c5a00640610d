-- Every ledger line that the bank must show too: of an account whose role is bank, or that a bank account
-- names. Money in is positive. Lines that restate the year before are not movements.
with
    named as (
        select distinct company_id, ledger_account
        from {{ ref("int_bank__accounts") }}
        where ledger_account is not null
    )

select
    lines.ledger_line_id,
    lines.company_id,
    lines.account_code,
    lines.journal_code,
    lines.entry_number,
    lines.entry_date,
    lines.document_ref,
    lines.label,
    lines.balance_amount as amount,
    lines.is_opening
from {{ ref("int_ledger__lines_identified") }} as lines
left join named on lines.company_id = named.company_id and lines.account_code = named.ledger_account
where (lines.account_role = 'bank' or named.ledger_account is not null) and not lines.is_restatement
