-- For each line on a third party's account, a bank's or one of collection: the role of the counterpart
-- accounts that weighs most in its
-- entry, from which the line's type is read. What an entry is varies between packages (numbers that are
-- always 0, a number per line, a purchase and its supplier in two journals): the finest grouping that
-- balances is taken.
with
    lines as (
        select
            ledger_line_id,
            company_id,
            fiscal_year_end_date,
            coalesce(journal_code, '') as journal_code,
            coalesce(entry_number, '') as entry_number,
            entry_date,
            coalesce(document_ref, '') as document_ref,
            account_role,
            ledger_side,
            balance_amount
        from {{ ref("int_ledger__lines_identified") }}
        where not is_opening
    ),

    by_document as (
        select
            company_id,
            fiscal_year_end_date,
            journal_code,
            entry_number,
            entry_date,
            document_ref,
            true as document_balances
        from lines
        group by company_id, fiscal_year_end_date, journal_code, entry_number, entry_date, document_ref
        having sum(balance_amount) = 0
    ),

    by_number as (
        select
            company_id, fiscal_year_end_date, journal_code, entry_number, entry_date, true as number_balances
        from lines
        group by company_id, fiscal_year_end_date, journal_code, entry_number, entry_date
        having sum(balance_amount) = 0
    ),

    first_pass as (
        select
            ledger_line_id,
            company_id,
            fiscal_year_end_date,
            journal_code,
            entry_number,
            entry_date,
            document_ref,
            account_role,
            ledger_side,
            balance_amount,
            case
                when document_balances
                then concat_ws('|', 'D', journal_code, entry_number, document_ref)
                when number_balances
                then concat_ws('|', 'N', journal_code, entry_number)
            end as grouping_key
        from lines
        left join
            by_document using (
                company_id, fiscal_year_end_date, journal_code, entry_number, entry_date, document_ref
            )
        left join by_number using (company_id, fiscal_year_end_date, journal_code, entry_number, entry_date)
    ),

    -- Only what neither grouping balances is looked at again, across journals or by document.
    unbalanced as (select * from first_pass where grouping_key is null),

    across_journals as (
        select company_id, fiscal_year_end_date, entry_number, entry_date, true as number_balances
        from unbalanced
        group by company_id, fiscal_year_end_date, entry_number, entry_date
        having sum(balance_amount) = 0
    ),

    by_journal_document as (
        select
            company_id,
            fiscal_year_end_date,
            journal_code,
            entry_date,
            document_ref,
            true as document_balances
        from unbalanced
        where document_ref <> ''
        group by company_id, fiscal_year_end_date, journal_code, entry_date, document_ref
        having sum(balance_amount) = 0
    ),

    second_pass as (
        select
            ledger_line_id,
            case
                when number_balances
                then concat_ws('|', 'A', entry_number)
                when document_balances
                then concat_ws('|', 'P', journal_code, document_ref)
                else concat_ws('|', 'U', journal_code, entry_number, document_ref)
            end as grouping_key
        from unbalanced
        left join across_journals using (company_id, fiscal_year_end_date, entry_number, entry_date)
        left join
            by_journal_document using (
                company_id, fiscal_year_end_date, journal_code, entry_date, document_ref
            )
    ),

    grouped as (
        select
            first_pass.ledger_line_id,
            first_pass.company_id,
            first_pass.fiscal_year_end_date,
            first_pass.entry_date,
            coalesce(first_pass.grouping_key, second_pass.grouping_key) as grouping_key,
            first_pass.account_role,
            first_pass.ledger_side,
            first_pass.balance_amount,
            sign(first_pass.balance_amount) as direction
        from first_pass
        left join second_pass on first_pass.ledger_line_id = second_pass.ledger_line_id
    ),

    weights as (
        select
            company_id,
            fiscal_year_end_date,
            entry_date,
            grouping_key,
            direction,
            account_role,
            sum(abs(balance_amount)) as weight
        from grouped
        where balance_amount <> 0
        group by company_id, fiscal_year_end_date, entry_date, grouping_key, direction, account_role
    ),

    dominant as (
        select
            *,
            row_number() over (
                partition by company_id, fiscal_year_end_date, entry_date, grouping_key, direction
                order by weight desc, account_role
            ) as preference
        from weights
    ),

    -- What the entry charges of VAT, and what it claims from customers: what a part of it is paid for.
    charged as (
        select
            company_id,
            fiscal_year_end_date,
            entry_date,
            grouping_key,
            sum(case when ledger_side is null then - balance_amount else 0 end) as output_vat_amount,
            sum(
                case when account_role = 'vat_output_unpaid' then - balance_amount else 0 end
            ) as unpaid_vat_amount,
            sum(
                case
                    when ledger_side = 'receivable' and account_role <> 'customer_advance'
                    then balance_amount
                    else 0
                end
            ) as claimed_amount
        from grouped
        where account_role in ('vat_output', 'vat_output_unpaid') or ledger_side = 'receivable'
        group by company_id, fiscal_year_end_date, entry_date, grouping_key
    ),

    -- What weighs most on one side is the counterpart of the lines on the other.
    counterparts as (
        select
            company_id,
            fiscal_year_end_date,
            entry_date,
            grouping_key,
            - direction as direction,
            account_role as counterpart_role
        from dominant
        where preference = 1
    )

select
    ledger_line_id,
    concat_ws(
        '|', company_id, cast(fiscal_year_end_date as string), cast(entry_date as string), grouping_key
    ) as entry_key,
    counterpart_role,
    case
        when ledger_side = 'receivable' then cast(output_vat_amount as decimal(18, 2))
    end as output_vat_amount,
    case
        when ledger_side = 'receivable' then cast(unpaid_vat_amount as decimal(18, 2))
    end as unpaid_vat_amount,
    case when ledger_side = 'receivable' then cast(claimed_amount as decimal(18, 2)) end as claimed_amount
from grouped
left join counterparts using (company_id, fiscal_year_end_date, entry_date, grouping_key, direction)
left join charged using (company_id, fiscal_year_end_date, entry_date, grouping_key)
where ledger_side is not null or account_role in ('bank', 'collection')
