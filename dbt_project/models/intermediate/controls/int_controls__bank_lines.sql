-- Every landed bank line counts, or it is explained: it repeats a line that counts, its entry is detailed
-- by a notification, or a statement covers its day. And what reports and notifications announced of such
-- days is on the statements: as many movements of the same account, day and amount.
with
    lines as (select * from {{ ref("int_bank__lines_keyed") }}),

    counted as (select * from {{ ref("int_bank__transactions_counted") }}),

    notified as (select * from {{ ref("int_bank__entries_notified") }}),

    landed as (
        select
            files.company_id,
            names.iban_or_number as account_number,
            transactions.source_sha256,
            transactions.statement_ordinal
        from {{ ref("stg_landing__bank_transactions") }} as transactions
        inner join
            {{ ref("stg_landing__bank_statements") }} as statements
            on transactions.source_sha256 = statements.source_sha256
            and transactions.statement_ordinal = statements.statement_ordinal
        inner join
            {{ ref("stg_landing__source_files") }} as files
            on transactions.source_sha256 = files.source_sha256
            and files.status = 'landed'
        inner join
            {{ ref("int_bank__account_names") }} as names
            on files.company_id = names.company_id
            and statements.account_number = names.account_number
        where files.company_id is not null
    ),

    explained as (
        select company_id, account_number, count(*) as line_count
        from {{ ref("int_bank__transactions") }}
        group by company_id, account_number

        union all

        select landed.company_id, landed.account_number, count(*)
        from landed
        left join
            {{ ref("int_bank__statements_listed") }} as listed
            on landed.source_sha256 = listed.source_sha256
            and landed.statement_ordinal = listed.statement_ordinal
        where listed.statement_id is null
        group by landed.company_id, landed.account_number

        union all

        select company_id, account_number, count(*)
        from counted
        where showing > 1
        group by company_id, account_number

        union all

        select company_id, account_number, count(*)
        from lines
        where statement_kind = 'report' and is_covered
        group by company_id, account_number

        union all

        select company_id, account_number, sum(case when outcome = 'details' then 1 else line_count end)
        from notified
        where outcome <> 'counts'
        group by company_id, account_number
    ),

    landed_counts as (
        select company_id, account_number, count(*) as line_count
        from landed
        group by company_id, account_number
    ),

    explained_counts as (
        select company_id, account_number, sum(line_count) as line_count
        from explained
        group by company_id, account_number
    ),

    announcements as (
        select
            company_id,
            account_number,
            currency_code,
            booking_date,
            entry_amount,
            statement_id,
            count(*) as movement_count
        from lines
        where statement_kind <> 'statement' and is_covered and detail_ordinal <= 1
        group by company_id, account_number, currency_code, booking_date, entry_amount, statement_id
    ),

    announced as (
        select
            company_id,
            account_number,
            currency_code,
            booking_date,
            entry_amount,
            max(movement_count) as movement_count
        from announcements
        group by company_id, account_number, currency_code, booking_date, entry_amount
    ),

    on_statements as (
        select
            company_id, account_number, currency_code, booking_date, entry_amount, count(*) as movement_count
        from counted
        where statement_kind = 'statement' and showing = 1 and detail_ordinal <= 1
        group by company_id, account_number, currency_code, booking_date, entry_amount
    )

select
    landed_counts.company_id,
    'bank_lines_count_or_are_explained' as control_name,
    landed_counts.account_number as subject,
    landed_counts.line_count as expected,
    coalesce(explained_counts.line_count, 0) as actual,
    true as is_blocking
from landed_counts
left join
    explained_counts
    on landed_counts.company_id = explained_counts.company_id
    and landed_counts.account_number = explained_counts.account_number

union all

select
    announced.company_id,
    'announced_movements_are_on_statements',
    announced.account_number,
    sum(announced.movement_count),
    sum(least(announced.movement_count, coalesce(on_statements.movement_count, 0))),
    false
from announced
left join
    on_statements
    on announced.company_id = on_statements.company_id
    and announced.account_number = on_statements.account_number
    and announced.currency_code = on_statements.currency_code
    and announced.booking_date = on_statements.booking_date
    and announced.entry_amount = on_statements.entry_amount
group by announced.company_id, announced.account_number
