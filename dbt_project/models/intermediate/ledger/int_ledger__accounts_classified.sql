-- One row per company and account: its role by the longest matching prefix, and the third party that the
-- account itself names (design: with no auxiliary account, a code with letters after the role's prefix is
-- the third party).
with
    accounts as (
        select company_id, account_code, max(account_name) as account_name
        from {{ ref("int_ledger__lines_in_force") }}
        group by company_id, account_code
    ),

    roles as (select account_role, prefix from {{ source("settings", "account_roles") }}),

    main_prefixes as (
        select account_role, min(prefix) as prefix
        from roles
        where account_role in ('customer', 'supplier')
        group by account_role
    ),

    ranked as (
        select
            accounts.company_id,
            accounts.account_code,
            accounts.account_name,
            roles.account_role,
            roles.prefix,
            row_number() over (
                partition by accounts.company_id, accounts.account_code
                order by length(roles.prefix) desc, roles.account_role
            ) as preference
        from accounts
        left join roles on substr(accounts.account_code, 1, length(roles.prefix)) = roles.prefix
    ),

    kinds as (
        select
            *,
            substr(account_code, length(prefix) + 1) as code_after_prefix,
            case
                when account_role in ('customer', 'customer_bill', 'customer_doubtful', 'customer_advance')
                then 'customer'
                when account_role in ('supplier', 'supplier_bill', 'supplier_advance')
                then 'supplier'
            end as third_party_kind
        from ranked
        where preference = 1
    )

select
    kinds.company_id,
    kinds.account_code,
    kinds.account_name,
    coalesce(kinds.account_role, 'other') as account_role,
    kinds.third_party_kind,
    case
        when kinds.third_party_kind = 'customer'
        then 'receivable'
        when kinds.third_party_kind = 'supplier'
        then 'payable'
    end as ledger_side,
    case
        when kinds.third_party_kind is null
        then null
        when {{ matches("kinds.code_after_prefix", "'[A-Za-z]'") }}
        then concat(main_prefixes.prefix, kinds.code_after_prefix)
        else kinds.account_code
    end as third_party_code_in_account
from kinds
left join main_prefixes on kinds.third_party_kind = main_prefixes.account_role
