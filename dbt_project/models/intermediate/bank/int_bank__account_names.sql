-- What every account that a statement or the settings name is called: its IBAN, where that is known.
-- An account that one file names by its IBAN and another by the numbers of bank and account is one: the
-- IBAN holds both, with zeros between them.
with
    on_statements as (
        select files.company_id, statements.account_number
        from {{ ref("stg_landing__bank_statements") }} as statements
        inner join
            {{ ref("stg_landing__source_files") }} as files
            on statements.source_sha256 = files.source_sha256
            and files.status = 'landed'
        where files.company_id is not null
    ),

    numbers as (
        select company_id, account_number
        from on_statements
        union
        select company_id, account_number
        from {{ source("settings", "bank_accounts") }}
    ),

    ibans as (
        select company_id, account_number as iban, substring(account_number, 5) as national_number
        from numbers
        where {{ matches("account_number", "'^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$'") }}
    ),

    parts as (
        select
            numbers.company_id,
            numbers.account_number,
            ibans.iban,
            ibans.national_number,
            case
                when {{ matches("numbers.account_number", "'^[0-9]+/[0-9]+$'") }}
                then {{ capture("numbers.account_number", "'^([0-9]+)/[0-9]+$'", 1) }}
                when {{ matches("numbers.account_number", "'^[0-9]{7,}$'") }}
                then {{ capture("ibans.national_number", "'^([A-Z]*)'", 1) }}
            end as bank_number,
            {{ capture("numbers.account_number", "'([0-9]+)$'", 1) }} as number_at_bank
        from numbers
        inner join ibans on numbers.company_id = ibans.company_id
    ),

    known_by_iban as (
        select company_id, account_number, min(iban) as iban
        from parts
        where
            length(bank_number) + length(number_at_bank) <= length(national_number)
            and concat(
                bank_number,
                lpad(number_at_bank, cast(length(national_number) - length(bank_number) as integer), '0')
            )
            = national_number
        group by company_id, account_number
        having count(*) = 1
    )

select
    numbers.company_id,
    numbers.account_number,
    coalesce(known_by_iban.iban, numbers.account_number) as iban_or_number
from numbers
left join
    known_by_iban
    on numbers.company_id = known_by_iban.company_id
    and numbers.account_number = known_by_iban.account_number
