-- What a match leaves over and the books lack: a fee that the bank kept, a discount, an exchange difference.
-- One row per matched group with such a residual. The VAT of a discount is that of its documents' entries.
with
    matches as (
        select
            *,
            case
                when residual_reason = 'bank_fee'
                then 'fee_not_booked'
                when residual_reason = 'discount'
                then 'discount_not_booked'
                when residual_reason = 'exchange'
                then 'exchange_not_booked'
                when residual_reason = 'rounding'
                then 'rounding_not_booked'
                when use = 'bank'
                then 'amount_differs'
            end as reason_code
        from {{ ref("int_exceptions__matches_told") }}
        where match_status = 'matched' and residual_amount <> 0
    ),

    entries as (
        select distinct
            matches.match_id,
            items.company_id,
            items.fiscal_year_end_date,
            coalesce(items.journal_code, '') as journal_code,
            coalesce(items.entry_number, '') as entry_number,
            items.entry_date
        from matches
        inner join
            {{ ref("int_matching__members") }} as members
            on matches.match_id = members.match_id
            and members.side = 'document'
        inner join {{ ref("int_items__posted") }} as items on members.object_id = items.item_id
        where matches.residual_reason = 'discount'
    ),

    taxed as (
        select
            entries.match_id,
            cast(
                abs(
                    sum(
                        case
                            when lines.account_role in ('vat', 'vat_output', 'vat_output_unpaid')
                            then lines.balance_amount
                            else 0
                        end
                    )
                ) as decimal(18, 2)
            ) as vat_amount,
            cast(
                abs(
                    sum(case when lines.ledger_side is not null then lines.balance_amount else 0 end)
                ) as decimal(18, 2)
            ) as whole_amount
        from entries
        inner join
            {{ ref("int_ledger__lines_identified") }} as lines
            on entries.company_id = lines.company_id
            and entries.fiscal_year_end_date = lines.fiscal_year_end_date
            and entries.journal_code = coalesce(lines.journal_code, '')
            and entries.entry_number = coalesce(lines.entry_number, '')
            and entries.entry_date = lines.entry_date
        group by entries.match_id
    ),

    told as (
        select
            matches.*,
            coalesce(accounts.currency_code, companies.base_currency) as currency_code,
            accounts.ledger_account,
            {{
                amount_told(
                    "matches.residual_amount", "coalesce(accounts.currency_code, companies.base_currency)"
                )
            }} as amount_text,
            concat_ws(' / ', matches.payment_text, matches.document_text) as match_text,
            case
                when taxed.vat_amount > 0 and taxed.whole_amount > taxed.vat_amount
                then {{ share_of("abs(matches.residual_amount)", "taxed.vat_amount", "taxed.whole_amount") }}
            end as vat_amount
        from matches
        left join taxed on matches.match_id = taxed.match_id
        left join
            {{ ref("int_bank__accounts") }} as accounts on matches.bank_account_id = accounts.bank_account_id
        left join {{ ref("int_companies__known") }} as companies on matches.company_id = companies.company_id
        where matches.reason_code is not null
    )

select
    reason_code,
    company_id,
    'ledger' as side,
    match_id as object_id,
    bank_account_id,
    ledger_account as account_code,
    abs(residual_amount) as amount,
    currency_code,
    match_date as since_date,
    concat(
        amount_text,
        case
            reason_code
            when 'fee_not_booked'
            then ' de frais bancaires non comptabilisés : '
            when 'discount_not_booked'
            then ' d''escompte non comptabilisé'
            when 'exchange_not_booked'
            then ' d''écart de change non comptabilisé : '
            when 'rounding_not_booked'
            then ' d''arrondi non comptabilisé : '
            else ' d''écart entre la banque et les livres : '
        end,
        case
            when reason_code <> 'discount_not_booked'
            then ''
            when vat_amount is null
            then ' : '
            else
                concat(
                    ' (',
                    cast(abs(residual_amount) - vat_amount as string),
                    ' hors taxes, ',
                    cast(vat_amount as string),
                    ' de TVA) : '
                )
        end,
        match_text,
        '.'
    ) as explanation_fr,
    concat(
        amount_text,
        case
            reason_code
            when 'fee_not_booked'
            then ' of bank fees not booked: '
            when 'discount_not_booked'
            then ' of discount not booked'
            when 'exchange_not_booked'
            then ' of exchange difference not booked: '
            when 'rounding_not_booked'
            then ' of rounding not booked: '
            else ' between the bank and the books: '
        end,
        case
            when reason_code <> 'discount_not_booked'
            then ''
            when vat_amount is null
            then ': '
            else
                concat(
                    ' (',
                    cast(abs(residual_amount) - vat_amount as string),
                    ' before tax, ',
                    cast(vat_amount as string),
                    ' VAT): '
                )
        end,
        match_text,
        '.'
    ) as explanation_en,
    concat('[', match_json, ']') as suggestion
from told
