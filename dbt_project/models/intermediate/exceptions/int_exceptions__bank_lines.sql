-- One row per bank line that no matched group of bank and ledger lines holds: why the books do not show
-- it. The first reason that applies is told.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    matched as (
        select members.object_id
        from {{ ref("int_matching__members") }} as members
        inner join {{ ref("int_matching__groups") }} as groups on members.match_id = groups.match_id
        where groups.use = 'bank' and groups.match_status = 'matched' and members.side = 'payment'
    ),

    lines as (
        select
            transactions.bank_transaction_id,
            transactions.company_id,
            transactions.bank_account_id,
            accounts.account_number,
            accounts.ledger_account,
            transactions.booking_date,
            cast(transactions.amount as decimal(18, 2)) as amount,
            transactions.currency_code,
            transactions.transaction_kind,
            transactions.return_reason,
            transactions.counterparty_name,
            substr(transactions.remittance_text, 1, {{ var("longest_text_told") }}) as remittance_text
        from {{ ref("fct_bank_transactions") }} as transactions
        inner join
            {{ ref("int_bank__accounts") }} as accounts
            on transactions.bank_account_id = accounts.bank_account_id
        left join matched on transactions.bank_transaction_id = matched.object_id
        where matched.object_id is null
    ),

    -- The same amount the other way on another account of the company, within some days. An amount that
    -- comes back often tells nothing.
    rare_amounts as (
        select company_id, currency_code, abs(amount) as whole_amount
        from lines
        where amount <> 0
        group by company_id, currency_code, abs(amount)
        having count(*) <= {{ var("most_equal_transfers") }} and min(bank_account_id) <> max(bank_account_id)
    ),

    rare_lines as (
        select lines.*
        from lines
        inner join
            rare_amounts
            on lines.company_id = rare_amounts.company_id
            and lines.currency_code = rare_amounts.currency_code
            and abs(lines.amount) = rare_amounts.whole_amount
    ),

    transfers as (
        select here.bank_transaction_id, min(there.account_number) as other_account
        from rare_lines as here
        inner join
            rare_lines as there
            on here.company_id = there.company_id
            and here.currency_code = there.currency_code
            and here.amount = - there.amount
            and here.bank_account_id <> there.bank_account_id
            and there.booking_date
            between {{ plus_days("here.booking_date", "- " ~ var("longest_transfer_days")) }}
            and {{ plus_days("here.booking_date", var("longest_transfer_days")) }}
        group by here.bank_transaction_id
    ),

    reasoned as (
        select
            lines.*,
            suggestions.suggestion,
            suggestions.suggestion_count,
            suggestions.equal_count,
            coalesce(suggestions.document_text, suggestions.payment_text, '') as best_text,
            suggestions.residual_amount,
            suggestions.residual_reason,
            transfers.other_account,
            case
                when suggestions.match_status = 'matched' and lines.transaction_kind = 'return'
                then 'returned_payment_not_booked'
                when suggestions.match_status = 'matched' and lines.amount > 0
                then 'receipt_not_booked'
                when suggestions.match_status = 'matched'
                then 'payment_not_booked'
                when lines.amount = 0
                then 'amount_is_zero'
                when lines.ledger_account is null
                then 'bank_account_without_ledger'
                when suggestions.equal_count > 1
                then 'ambiguous'
                when suggestions.suggestion_count > 0
                then 'proposed_match'
                when lines.booking_date > context.as_of_date
                then 'after_as_of_date'
                when lines.transaction_kind = 'return'
                then 'returned_payment_not_booked'
                when lines.transaction_kind in ('fee', 'interest')
                then 'fee_not_in_ledger'
                when transfers.other_account is not null
                then 'internal_transfer_not_booked'
                else 'bank_line_unexplained'
            end as reason_code
        from lines
        cross join context
        left join
            {{ ref("int_exceptions__suggestions") }} as suggestions
            on lines.bank_transaction_id = suggestions.object_id
        left join transfers on lines.bank_transaction_id = transfers.bank_transaction_id
    ),

    told as (
        select
            *,
            concat(
                {{ amount_told("amount", "currency_code") }},
                case when amount < 0 then ' payés le ' else ' reçus le ' end,
                cast(booking_date as string),
                case
                    when counterparty_name is null
                    then ''
                    when amount < 0
                    then concat(' à ', counterparty_name)
                    else concat(' de ', counterparty_name)
                end,
                coalesce(' (' || remittance_text || ')', '')
            ) as line_fr,
            concat(
                {{ amount_told("amount", "currency_code") }},
                case when amount < 0 then ' paid on ' else ' received on ' end,
                cast(booking_date as string),
                case
                    when counterparty_name is null
                    then ''
                    when amount < 0
                    then concat(' to ', counterparty_name)
                    else concat_ws(' ', ' from', counterparty_name)
                end,
                coalesce(' (' || remittance_text || ')', '')
            ) as line_en
        from reasoned
    )

select
    reason_code,
    company_id,
    'bank' as side,
    bank_transaction_id as object_id,
    bank_account_id,
    ledger_account as account_code,
    amount,
    currency_code,
    booking_date as since_date,
    concat(
        line_fr,
        case
            reason_code
            when 'receipt_not_booked'
            then
                concat(
                    ' : encaissement non comptabilisé, qui règle ',
                    best_text,
                    {{ residual_told("residual_amount", "residual_reason", "fr") }},
                    ' ; comptabilisez-le.'
                )
            when 'payment_not_booked'
            then
                concat(
                    ' : paiement non comptabilisé, qui règle ',
                    best_text,
                    {{ residual_told("residual_amount", "residual_reason", "fr") }},
                    ' ; comptabilisez-le.'
                )
            when 'returned_payment_not_booked'
            then
                concat(
                    ' : rejet non comptabilisé',
                    coalesce(' (motif ' || return_reason || ')', ''),
                    ' ; rouvrez ce qu''il réglait.'
                )
            when 'amount_is_zero'
            then ' : ligne sans montant, rien à rapprocher.'
            when 'bank_account_without_ledger'
            then
                concat(
                    ' : le compte ',
                    account_number,
                    ' n''est rattaché à aucun compte comptable ; déclarez-le dans encours.toml.'
                )
            when 'ambiguous'
            then {{ ambiguous_told("fr") }}
            when 'proposed_match'
            then {{ proposed_told("fr") }}
            when 'after_as_of_date'
            then ' : postérieur à la date d''arrêté.'
            when 'fee_not_in_ledger'
            then ' : frais ou intérêts de la banque, absents des livres ; comptabilisez-les.'
            when 'internal_transfer_not_booked'
            then
                concat(
                    ' : virement interne non comptabilisé, le compte ',
                    other_account,
                    ' porte le montant inverse ; comptabilisez-le.'
                )
            else ' : rien dans les livres ne correspond ; identifiez l''opération.'
        end
    ) as explanation_fr,
    concat(
        line_en,
        case
            reason_code
            when 'receipt_not_booked'
            then
                concat(
                    ': a receipt that is not booked and settles ',
                    best_text,
                    {{ residual_told("residual_amount", "residual_reason", "en") }},
                    '; book it.'
                )
            when 'payment_not_booked'
            then
                concat(
                    ': a payment that is not booked and settles ',
                    best_text,
                    {{ residual_told("residual_amount", "residual_reason", "en") }},
                    '; book it.'
                )
            when 'returned_payment_not_booked'
            then
                concat(
                    ': a returned payment that is not booked',
                    coalesce(' (reason ' || return_reason || ')', ''),
                    '; open again what it settled.'
                )
            when 'amount_is_zero'
            then ': a line without an amount, nothing to match.'
            when 'bank_account_without_ledger'
            then concat(': the account ', account_number, ' has no ledger account; name it in encours.toml.')
            when 'ambiguous'
            then {{ ambiguous_told("en") }}
            when 'proposed_match'
            then {{ proposed_told("en") }}
            when 'after_as_of_date'
            then ': after the as-of date.'
            when 'fee_not_in_ledger'
            then ': the bank''s fee or interest, which the books lack; book it.'
            when 'internal_transfer_not_booked'
            then
                concat(
                    ': an internal transfer that is not booked, the account ',
                    other_account,
                    ' shows the opposite amount; book it.'
                )
            else ': nothing in the books fits; find out what it is.'
        end
    ) as explanation_en,
    coalesce(suggestion, '[]') as suggestion
from told
