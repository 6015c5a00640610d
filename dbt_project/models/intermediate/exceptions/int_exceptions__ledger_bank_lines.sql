-- One row per ledger bank line that no matched group of bank and ledger lines holds: why the bank does not
-- show it. The first reason that applies is told. Opening lines tell what was there before the statements.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    matched as (
        select members.object_id
        from {{ ref("int_matching__members") }} as members
        inner join {{ ref("int_matching__groups") }} as groups on members.match_id = groups.match_id
        where groups.use = 'bank' and groups.match_status = 'matched' and members.side = 'document'
    ),

    periods as (
        select company_id, account_number, from_date, to_date
        from {{ ref("int_bank__statements_listed") }}
        union all
        select company_id, account_number, booking_date, booking_date
        from {{ ref("int_bank__transactions") }}
    ),

    -- From the first day to the last that the bank speaks of, per ledger account.
    covered as (
        select
            accounts.company_id,
            accounts.ledger_account,
            min(periods.from_date) as first_date,
            max(periods.to_date) as last_date,
            case
                when min(accounts.bank_account_id) = max(accounts.bank_account_id)
                then min(accounts.bank_account_id)
            end as bank_account_id
        from {{ ref("int_bank__accounts") }} as accounts
        inner join
            periods
            on accounts.company_id = periods.company_id
            and accounts.account_number = periods.account_number
        where accounts.ledger_account is not null
        group by accounts.company_id, accounts.ledger_account
    ),

    -- Days between two statements that do not chain.
    gaps as (
        select accounts.company_id, accounts.ledger_account, joints.previous_to_date, joints.from_date
        from {{ ref("int_bank__statement_joints") }} as joints
        inner join
            {{ ref("int_bank__accounts") }} as accounts
            on joints.company_id = accounts.company_id
            and joints.account_number = accounts.account_number
        where joints.opening_balance <> joints.previous_closing_balance
    ),

    in_gaps as (
        select lines.ledger_line_id, min(gaps.from_date) as gap_end_date
        from {{ ref("int_bank__ledger_lines") }} as lines
        inner join
            gaps
            on lines.company_id = gaps.company_id
            and lines.account_code = gaps.ledger_account
            and lines.entry_date > gaps.previous_to_date
            and lines.entry_date < gaps.from_date
        group by lines.ledger_line_id
    ),

    reasoned as (
        select
            lines.*,
            companies.base_currency as currency_code,
            coalesce(lines.document_ref || ', ' || lines.label, lines.document_ref, lines.label) as line_text,
            suggestions.suggestion,
            suggestions.equal_count,
            coalesce(suggestions.payment_text, suggestions.document_text, '') as best_text,
            suggestions.residual_amount,
            suggestions.residual_reason,
            covered.first_date,
            covered.last_date,
            in_gaps.gap_end_date,
            covered.bank_account_id,
            case
                when lines.amount = 0
                then 'amount_is_zero'
                when covered.ledger_account is null
                then 'account_without_statements'
                when suggestions.equal_count > 1
                then 'ambiguous'
                when suggestions.suggestion_count > 0
                then 'proposed_match'
                when lines.entry_date > context.as_of_date
                then 'after_as_of_date'
                when lines.is_opening or lines.entry_date < covered.first_date
                then 'before_first_statement'
                when lines.entry_date > covered.last_date
                then 'awaiting_statement'
                when in_gaps.ledger_line_id is not null
                then 'statement_missing'
                else 'not_at_bank'
            end as reason_code
        from {{ ref("int_bank__ledger_lines") }} as lines
        cross join context
        left join matched on lines.ledger_line_id = matched.object_id
        left join in_gaps on lines.ledger_line_id = in_gaps.ledger_line_id
        left join
            covered on lines.company_id = covered.company_id and lines.account_code = covered.ledger_account
        left join
            {{ ref("int_exceptions__suggestions") }} as suggestions
            on lines.ledger_line_id = suggestions.object_id
        left join {{ ref("int_companies__known") }} as companies on lines.company_id = companies.company_id
        where matched.object_id is null
    ),

    told as (
        select
            *,
            concat(
                {{ amount_told("amount", "currency_code") }},
                case when amount < 0 then ' au crédit du ' else ' au débit du ' end,
                account_code,
                ' le ',
                cast(entry_date as string),
                coalesce(' (' || line_text || ')', '')
            ) as line_fr,
            concat(
                {{ amount_told("amount", "currency_code") }},
                case when amount < 0 then ' credited to ' else ' debited to ' end,
                account_code,
                ' on ',
                cast(entry_date as string),
                coalesce(' (' || line_text || ')', '')
            ) as line_en
        from reasoned
    )

select
    reason_code,
    company_id,
    'ledger' as side,
    ledger_line_id as object_id,
    bank_account_id,
    account_code,
    amount,
    currency_code,
    entry_date as since_date,
    concat(
        line_fr,
        case
            reason_code
            when 'amount_is_zero'
            then ' : ligne sans montant, rien à rapprocher.'
            when 'account_without_statements'
            then ' : aucun relevé ne couvre ce compte.'
            when 'ambiguous'
            then {{ ambiguous_told("fr") }}
            when 'proposed_match'
            then {{ proposed_told("fr") }}
            when 'after_as_of_date'
            then ' : postérieur à la date d''arrêté.'
            when 'before_first_statement'
            then
                concat(
                    case
                        when is_opening
                        then ' : solde d''ouverture, que les relevés ne détaillent pas (le premier : '
                        else ' : antérieur au premier relevé ('
                    end,
                    coalesce(cast(first_date as string), '?'),
                    ').'
                )
            when 'awaiting_statement'
            then concat(' : le dernier relevé s''arrête au ', cast(last_date as string), '.')
            when 'statement_missing'
            then concat(' : un relevé manque avant le ', cast(gap_end_date as string), ' ; demandez-le.')
            else ' : la banque ne l''a pas ; vérifiez que l''opération est passée.'
        end
    ) as explanation_fr,
    concat(
        line_en,
        case
            reason_code
            when 'amount_is_zero'
            then ': a line without an amount, nothing to match.'
            when 'account_without_statements'
            then ': no statement covers this account.'
            when 'ambiguous'
            then {{ ambiguous_told("en") }}
            when 'proposed_match'
            then {{ proposed_told("en") }}
            when 'after_as_of_date'
            then ': after the as-of date.'
            when 'before_first_statement'
            then
                concat(
                    case
                        when is_opening
                        then ': the opening balance, which statements do not detail (the first: '
                        else ': before the first statement ('
                    end,
                    coalesce(cast(first_date as string), '?'),
                    ').'
                )
            when 'awaiting_statement'
            then concat(': the last statement ends on ', cast(last_date as string), '.')
            when 'statement_missing'
            then concat(': a statement is missing before ', cast(gap_end_date as string), '; ask for it.')
            else ': the bank does not have it; check that it went through.'
        end
    ) as explanation_en,
    coalesce(suggestion, '[]') as suggestion
from told
