{%- set told = "cast(cast(gaps.told_balance as decimal(18, 2)) as string)" -%}
{%- set expected = "cast(cast(gaps.expected_balance as decimal(18, 2)) as string)" -%}
{%- set missing = "cast(cast(- items.amount as decimal(18, 2)) as string)" -%}
{%- set day = "cast(items.object_date as string)" -%}
with
    accounts as (select * from {{ ref("int_reconciliation__accounts") }}),

    bank_lines as (select * from {{ ref("int_bank__transactions") }}),

    ledger_lines as (select * from {{ ref("int_reconciliation__ledger_lines") }}),

    gaps as (
        select *, concat_ws('/', gap_kind, statement_id) as object_id
        from {{ ref("int_reconciliation__statement_gaps") }}
    ),

    matches as (select match_id, residual_reason from {{ ref("int_matching__groups") }} where use = 'bank'),

    -- What stands behind an item is looked up once, not once per date; its object is of one kind alone.
    described as (
        select
            items.*,
            accounts.company_id,
            accounts.currency_code,
            coalesce(bank_lines.remittance_text, ledger_lines.label) as label,
            bank_lines.counterparty_name,
            coalesce(bank_lines.bank_entry_reference, ledger_lines.document_ref) as reference,
            ledger_lines.entry_number,
            matches.residual_reason,
            case
                when gaps.gap_kind = 'between'
                then
                    concat(
                        'Le relevé du ',
                        {{ day }},
                        ' ouvre à ',
                        {{ told }},
                        coalesce(
                            concat(', après ', {{ expected }}, ' au ', cast(gaps.previous_to_date as string)),
                            ''
                        ),
                        ' : il manque des mouvements de ',
                        {{ missing }},
                        '.'
                    )
                when gaps.gap_kind = 'within'
                then
                    concat(
                        'Le relevé du ',
                        {{ day }},
                        ' ferme à ',
                        {{ told }},
                        ', mais ses lignes mènent à ',
                        {{ expected }},
                        '.'
                    )
                when items.category = 'opening_unreconciled'
                then
                    concat('Écart entre la banque et les livres au ', {{ day }}, ', avant le premier relevé.')
                when items.category = 'ledger_gap'
                then
                    concat(
                        'Les à-nouveaux du ',
                        {{ day }},
                        ' reprennent un autre solde que celui laissé par l''exercice précédent.'
                    )
                when items.category = 'residual'
                then 'La banque et les livres sont rapprochés à cet écart près.'
            end as explanation_fr,
            case
                when gaps.gap_kind = 'between'
                then
                    concat(
                        'The statement of ',
                        {{ day }},
                        ' opens at ',
                        {{ told }},
                        coalesce(
                            concat(', after ', {{ expected }}, ' on ', cast(gaps.previous_to_date as string)),
                            ''
                        ),
                        ': movements of ',
                        {{ missing }},
                        ' are missing.'
                    )
                when gaps.gap_kind = 'within'
                then
                    concat(
                        'The statement of ',
                        {{ day }},
                        ' closes at ',
                        {{ told }},
                        ', but its lines lead to ',
                        {{ expected }},
                        '.'
                    )
                when items.category = 'opening_unreconciled'
                then
                    concat(
                        'Difference between bank and books on ', {{ day }}, ', before the first statement.'
                    )
                when items.category = 'ledger_gap'
                then
                    concat(
                        'The opening entries of ',
                        {{ day }},
                        ' restate another balance than the year before left.'
                    )
                when items.category = 'residual'
                then 'Bank and books are matched but for this difference.'
            end as explanation_en
        from {{ ref("int_reconciliation__items") }} as items
        inner join accounts on items.reconciled_account_id = accounts.bank_account_id
        left join bank_lines on items.object_id = bank_lines.bank_transaction_id
        left join
            ledger_lines
            on items.object_id = ledger_lines.ledger_line_id
            and items.reconciled_account_id = ledger_lines.reconciled_account_id
        left join gaps on items.object_id = gaps.object_id
        left join matches on items.object_id = matches.match_id
    )

select
    {{ stable_id(["described.reconciled_account_id", "described.category", "described.object_id"]) }}
    as statement_item_id,
    described.reconciled_account_id as bank_account_id,
    described.company_id,
    dates.as_of_date,
    described.category,
    described.adjusted_side,
    described.object_id,
    described.object_date,
    {{ days_between("described.object_date", "dates.as_of_date") }} as age_days,
    described.amount,
    described.currency_code,
    described.label,
    described.counterparty_name,
    described.reference,
    described.entry_number,
    described.residual_reason,
    described.match_id,
    {{ plus_days("described.until_date", 1) }} as cleared_on,
    described.explanation_fr,
    described.explanation_en
from described
inner join
    {{ ref("int_reconciliation__dates") }} as dates
    on described.reconciled_account_id = dates.reconciled_account_id
    and dates.as_of_date >= described.from_date
    and dates.as_of_date <= coalesce(described.until_date, dates.as_of_date)
