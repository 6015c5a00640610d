-- Every ledger line in force with the key of its stable id, its role, third party and whether it opens a
-- year. A line that opens a year whose predecessor is loaded restates what is there already
-- (`is_restatement`): it is in the ledger, and never a second item.
with
    lines as (
        select
            lines.*,
            accounts.account_role,
            accounts.ledger_side,
            accounts.third_party_kind,
            case
                when accounts.third_party_kind is not null
                then coalesce(lines.auxiliary_code, accounts.third_party_code_in_account)
            end as third_party_code,
            years.fiscal_year_start_date,
            opening.company_id is not null as is_opening,
            opening.company_id is not null and years.is_previous_year_loaded as is_restatement,
            opening.company_id is not null and years.previous_year_end_date is not null as opens_later_year
        from {{ ref("int_ledger__lines_in_force") }} as lines
        inner join
            {{ ref("int_ledger__accounts_classified") }} as accounts
            on lines.company_id = accounts.company_id
            and lines.account_code = accounts.account_code
        inner join
            {{ ref("int_ledger__fiscal_years") }} as years
            on lines.company_id = years.company_id
            and lines.fiscal_year_end_date = years.fiscal_year_end_date
        left join
            {{ ref("int_ledger__opening_entries") }} as opening
            on lines.company_id = opening.company_id
            and lines.fiscal_year_end_date = opening.fiscal_year_end_date
            and lines.entry_date = opening.entry_date
            and coalesce(lines.journal_code, '') = opening.journal_code
            and coalesce(lines.entry_number, '') = opening.entry_number
    ),

    keyed as (
        select
            *,
            case
                when third_party_code is not null
                then concat_ws('/', company_id, third_party_kind, third_party_code)
            end as third_party_id,
            {{
                stable_id(
                    [
                        "company_id",
                        "journal_code",
                        "entry_number",
                        "entry_date",
                        "account_code",
                        "third_party_code",
                        "document_ref",
                        "document_date",
                        "debit",
                        "credit",
                    ]
                )
            }} as line_key
        from lines
    )

select
    line_key,
    company_id,
    fiscal_year_end_date,
    fiscal_year_start_date,
    journal_code,
    journal_name,
    entry_number,
    entry_date,
    account_code,
    account_name,
    account_role,
    ledger_side,
    third_party_id,
    third_party_kind,
    third_party_code,
    coalesce(auxiliary_name, account_name) as third_party_name,
    document_ref,
    document_date,
    label,
    debit,
    credit,
    balance_amount,
    case when ledger_side = 'payable' then - balance_amount else balance_amount end as side_amount,
    amount_currency,
    currency_code,
    letter_code,
    due_date,
    is_opening,
    is_restatement,
    opens_later_year,
    is_validated,
    source_sha256,
    source_file,
    source_row
from keyed
