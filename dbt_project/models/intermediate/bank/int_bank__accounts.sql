-- Every bank account that a statement or the settings name, with the ledger account that mirrors it: the
-- configured one, else the one whose name holds the account's number, else the company's only ledger bank
-- account when this is its only statement account.
with
    on_statements as (
        select company_id, account_number, max(account_currency) as currency_code
        from {{ ref("int_bank__statements_listed") }}
        group by company_id, account_number
    ),

    configured as (
        select
            names.company_id,
            names.iban_or_number as account_number,
            max(settings.ledger_account) as ledger_account,
            max(settings.currency_code) as currency_code
        from {{ source("settings", "bank_accounts") }} as settings
        inner join
            {{ ref("int_bank__account_names") }} as names
            on settings.company_id = names.company_id
            and settings.account_number = names.account_number
        group by names.company_id, names.iban_or_number
    ),

    companies as (select company_id, base_currency from {{ source("settings", "companies") }}),

    listed as (
        select company_id, account_number
        from on_statements
        union
        select company_id, account_number
        from configured
    ),

    ledger_accounts as (
        select
            company_id,
            count(*) as account_count,
            min(account_code) as only_account,
            {{ joined_texts("account_code") }} as candidates
        from {{ ref("int_ledger__accounts_classified") }}
        where account_role = 'bank'
        group by company_id
    ),

    ledger_numbers as (
        select
            company_id,
            account_code,
            {{ capture(replace_all("account_name", "'[ .-]'", "''"), "'([0-9]{6,})'", 1) }} as number_in_name
        from {{ ref("int_ledger__accounts_classified") }}
        where account_role = 'bank'
    ),

    named_in_ledger as (
        select
            listed.company_id,
            listed.account_number,
            ledger_numbers.account_code,
            count(*) over (partition by listed.company_id, listed.account_number) as named_count,
            count(*) over (partition by listed.company_id, ledger_numbers.account_code) as naming_count
        from listed
        inner join
            ledger_numbers
            on listed.company_id = ledger_numbers.company_id
            and ledger_numbers.number_in_name <> ''
            and listed.account_number like concat('%', ledger_numbers.number_in_name, '%')
    ),

    statement_counts as (select company_id, count(*) as account_count from on_statements group by company_id)

select
    concat_ws('/', listed.company_id, listed.account_number) as bank_account_id,
    listed.company_id,
    listed.account_number,
    coalesce(
        configured.currency_code, on_statements.currency_code, companies.base_currency, 'EUR'
    ) as currency_code,
    coalesce(
        configured.ledger_account,
        named_in_ledger.account_code,
        case
            when ledger_accounts.account_count = 1 and statement_counts.account_count = 1
            then ledger_accounts.only_account
        end
    ) as ledger_account,
    ledger_accounts.candidates as ledger_account_candidates,
    on_statements.account_number is not null as has_statements
from listed
left join
    on_statements
    on listed.company_id = on_statements.company_id
    and listed.account_number = on_statements.account_number
left join
    configured
    on listed.company_id = configured.company_id
    and listed.account_number = configured.account_number
left join
    named_in_ledger
    on listed.company_id = named_in_ledger.company_id
    and listed.account_number = named_in_ledger.account_number
    and named_in_ledger.named_count = 1
    and named_in_ledger.naming_count = 1
left join companies on listed.company_id = companies.company_id
left join ledger_accounts on listed.company_id = ledger_accounts.company_id
left join statement_counts on listed.company_id = statement_counts.company_id
