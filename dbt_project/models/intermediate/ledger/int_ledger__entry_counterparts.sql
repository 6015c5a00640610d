-- For each line on a third party's account: the role of the counterpart accounts that weighs most in its
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
        select company_id, fiscal_year_end_date, journal_code, entry_number, entry_date, document_ref
        from lines
        group by company_id, fiscal_year_end_date, journal_code, entry_number, entry_date, document_ref
        having sum(balance_amount) = 0
    ),

    by_number as (
        select company_id, fiscal_year_end_date, journal_code, entry_number, entry_date
        from lines
        group by company_id, fiscal_year_end_date, journal_code, entry_number, entry_date
        having sum(balance_amount) = 0
    ),

    first_pass as (
        select
            lines.*,
            case
                when by_document.company_id is not null
                then concat_ws('|', 'D', lines.journal_code, lines.entry_number, lines.document_ref)
                when by_number.company_id is not null
                then concat_ws('|', 'N', lines.journal_code, lines.entry_number)
            end as grouping_key
        from lines
        left join
            by_document
            on lines.company_id = by_document.company_id
            and lines.fiscal_year_end_date = by_document.fiscal_year_end_date
            and lines.journal_code = by_document.journal_code
            and lines.entry_number = by_document.entry_number
            and lines.entry_date = by_document.entry_date
            and lines.document_ref = by_document.document_ref
        left join
            by_number
            on lines.company_id = by_number.company_id
            and lines.fiscal_year_end_date = by_number.fiscal_year_end_date
            and lines.journal_code = by_number.journal_code
            and lines.entry_number = by_number.entry_number
            and lines.entry_date = by_number.entry_date
    ),

    -- Only what neither grouping balances is looked at again, across journals or by document.
    unbalanced as (select * from first_pass where grouping_key is null),

    across_journals as (
        select company_id, fiscal_year_end_date, entry_number, entry_date
        from unbalanced
        group by company_id, fiscal_year_end_date, entry_number, entry_date
        having sum(balance_amount) = 0
    ),

    by_journal_document as (
        select company_id, fiscal_year_end_date, journal_code, entry_date, document_ref
        from unbalanced
        where document_ref <> ''
        group by company_id, fiscal_year_end_date, journal_code, entry_date, document_ref
        having sum(balance_amount) = 0
    ),

    second_pass as (
        select
            unbalanced.ledger_line_id,
            case
                when across_journals.company_id is not null
                then concat_ws('|', 'A', unbalanced.entry_number)
                when by_journal_document.company_id is not null
                then concat_ws('|', 'P', unbalanced.journal_code, unbalanced.document_ref)
                else
                    concat_ws(
                        '|', 'U', unbalanced.journal_code, unbalanced.entry_number, unbalanced.document_ref
                    )
            end as grouping_key
        from unbalanced
        left join
            across_journals
            on unbalanced.company_id = across_journals.company_id
            and unbalanced.fiscal_year_end_date = across_journals.fiscal_year_end_date
            and unbalanced.entry_number = across_journals.entry_number
            and unbalanced.entry_date = across_journals.entry_date
        left join
            by_journal_document
            on unbalanced.company_id = by_journal_document.company_id
            and unbalanced.fiscal_year_end_date = by_journal_document.fiscal_year_end_date
            and unbalanced.journal_code = by_journal_document.journal_code
            and unbalanced.entry_date = by_journal_document.entry_date
            and unbalanced.document_ref = by_journal_document.document_ref
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
            first_pass.balance_amount
        from first_pass
        left join second_pass on first_pass.ledger_line_id = second_pass.ledger_line_id
    ),

    weights as (
        select
            company_id,
            fiscal_year_end_date,
            entry_date,
            grouping_key,
            sign(balance_amount) as direction,
            account_role,
            sum(abs(balance_amount)) as weight
        from grouped
        where balance_amount <> 0
        group by
            company_id, fiscal_year_end_date, entry_date, grouping_key, sign(balance_amount), account_role
    ),

    dominant as (
        select
            *,
            row_number() over (
                partition by company_id, fiscal_year_end_date, entry_date, grouping_key, direction
                order by weight desc, account_role
            ) as preference
        from weights
    )

select
    grouped.ledger_line_id,
    concat_ws(
        '|',
        grouped.company_id,
        cast(grouped.fiscal_year_end_date as string),
        cast(grouped.entry_date as string),
        grouped.grouping_key
    ) as entry_key,
    dominant.account_role as counterpart_role
from grouped
left join
    dominant
    on grouped.company_id = dominant.company_id
    and grouped.fiscal_year_end_date = dominant.fiscal_year_end_date
    and grouped.entry_date = dominant.entry_date
    and grouped.grouping_key = dominant.grouping_key
    and sign(grouped.balance_amount) = - dominant.direction
    and dominant.preference = 1
where grouped.ledger_side is not null
