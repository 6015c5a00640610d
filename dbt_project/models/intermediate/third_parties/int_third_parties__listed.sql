-- One row per third party: every one that the ledger or third_parties.csv names, with its attributes, its
-- terms made plain and the discount that they allow. A party named in the account (411MARTIN) is found in
-- the CSV by its whole code or by the part after the prefix.
with
    in_ledger as (
        select
            company_id,
            third_party_kind as kind,
            third_party_code,
            third_party_id,
            -- The name on the main account wins over those on bills, doubtful receivables and advances.
            {{
                latest_value(
                    "third_party_name",
                    "concat(case when account_role in ('customer', 'supplier') then '1' else '0' end, cast(entry_date as string), coalesce(third_party_name, ''))",
                )
            }}
            as ledger_name
        from {{ ref("int_ledger__lines_identified") }}
        where third_party_id is not null
        group by company_id, third_party_kind, third_party_code, third_party_id
    ),

    prefixes as (
        select case when account_role = 'customer' then 'customer' else 'supplier' end as kind, prefix
        from {{ source("settings", "account_roles") }}
        where account_role in ('customer', 'supplier')
    ),

    attributes as (select * from {{ ref("int_third_parties__attributes") }}),

    short_codes as (
        select
            in_ledger.third_party_id,
            min(substr(in_ledger.third_party_code, length(prefixes.prefix) + 1)) as short_code
        from in_ledger
        inner join
            prefixes
            on in_ledger.kind = prefixes.kind
            and substr(in_ledger.third_party_code, 1, length(prefixes.prefix)) = prefixes.prefix
            and {{ matches("substr(in_ledger.third_party_code, length(prefixes.prefix) + 1)", "'[A-Za-z]'") }}
        group by in_ledger.third_party_id
    ),

    joined as (
        select
            in_ledger.company_id,
            in_ledger.kind,
            in_ledger.third_party_code,
            in_ledger.third_party_id,
            in_ledger.ledger_name,
            coalesce(whole.third_party_code, short.third_party_code) as attribute_code
        from in_ledger
        left join short_codes on in_ledger.third_party_id = short_codes.third_party_id
        left join
            attributes as whole
            on in_ledger.company_id = whole.company_id
            and in_ledger.kind = whole.kind
            and in_ledger.third_party_code = whole.third_party_code
        left join
            attributes as short
            on in_ledger.company_id = short.company_id
            and in_ledger.kind = short.kind
            and short_codes.short_code = short.third_party_code
    ),

    everyone as (
        select company_id, kind, third_party_code, third_party_id, ledger_name, attribute_code
        from joined
        union all
        select
            attributes.company_id,
            attributes.kind,
            attributes.third_party_code,
            concat_ws(
                '/', attributes.company_id, attributes.kind, attributes.third_party_code
            ) as third_party_id,
            cast(null as string) as ledger_name,
            attributes.third_party_code as attribute_code
        from attributes
        where
            not exists (
                select 1
                from joined
                where
                    joined.company_id = attributes.company_id
                    and joined.kind = attributes.kind
                    and joined.attribute_code = attributes.third_party_code
            )
    )

select
    everyone.third_party_id,
    everyone.company_id,
    everyone.kind,
    everyone.third_party_code,
    coalesce(attributes.name, everyone.ledger_name, everyone.third_party_code) as name,
    attributes.siren,
    attributes.vat_number,
    attributes.ibans,
    attributes.payment_terms,
    {{ plain_terms("attributes.payment_terms") }} as plain_terms,
    {{ discount_percent_under_terms("attributes.payment_terms") }} as discount_percent,
    {{ discount_days_under_terms("attributes.payment_terms") }} as discount_days,
    attributes.credit_limit,
    attributes.segment,
    attributes.agency,
    attributes.sales_rep,
    attributes.email,
    attributes.language,
    everyone.attribute_code
from everyone
left join
    attributes
    on everyone.company_id = attributes.company_id
    and everyone.kind = attributes.kind
    and everyone.attribute_code = attributes.third_party_code
