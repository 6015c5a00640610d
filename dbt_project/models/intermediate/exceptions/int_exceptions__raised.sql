-- What someone must look at before the figures can be trusted whole: files held or refused, rows set
-- aside, gaps in statements, bank accounts without a ledger account, minimum balances of accounts that nobody
-- knows, terms nobody can read, openings that do not restate. One row per reason and object; the sentence
-- is in both languages.
with
    context as (select run_id, as_of_date, known_at_date from {{ source("run", "context") }}),

    files as (select * from {{ ref("stg_landing__source_files") }}),

    held_exports as (
        select exports.*
        from {{ ref("int_files__ledger_exports_ranked") }} as exports
        inner join
            files
            on exports.source_file = files.source_file
            and exports.source_sha256 = files.source_sha256
            and files.is_present
        where exports.export_status = 'held'
    ),

    exports_in_force as (
        select distinct source_sha256 as export_sha256
        from {{ ref("int_files__ledger_exports_ranked") }}
        where export_status = 'in_force'
    ),

    first_quarantined as (
        select quarantined_sha256, source_row, reason
        from
            (
                select
                    source_sha256 as quarantined_sha256,
                    source_row,
                    reason,
                    row_number() over (partition by source_sha256 order by source_row, reason) as position
                from {{ ref("stg_landing__quarantined_rows") }}
            ) as numbered
        where position = 1
    ),

    raised as (
        select
            'file_refused' as reason_code,
            company_id,
            'file' as side,
            source_file as object_id,
            cast(null as decimal(18, 2)) as amount,
            cast(null as string) as currency_code,
            cast(first_seen_at as date) as since_date,
            concat(
                'Le fichier ',
                source_file,
                ' est refusé : ',
                {{ replace_all("coalesce(reason, '')", "'[.]+$'", "''") }},
                '. ',
                coalesce(remedy, '')
            ) as explanation_fr,
            concat(
                'The file ',
                source_file,
                ' is refused: ',
                {{ replace_all("coalesce(reason, '')", "'[.]+$'", "''") }},
                '. ',
                coalesce(remedy, '')
            ) as explanation_en
        from files
        where status = 'refused' and is_present

        union all

        select
            'file_without_company',
            cast(null as string),
            'file',
            source_file,
            cast(null as decimal(18, 2)),
            cast(null as string),
            cast(first_seen_at as date),
            concat(
                'Le fichier ',
                source_file,
                ' est en attente : sa société est inconnue ; placez-le dans inbox/<société>/.'
            ),
            concat(
                'The file ',
                source_file,
                ' is held: nobody knows whose it is; place it in inbox/<company id>/.'
            )
        from files
        where status = 'held' and is_present

        union all

        select
            'rows_quarantined',
            files.company_id,
            'file',
            files.source_file,
            cast(null as decimal(18, 2)),
            cast(null as string),
            cast(first_seen_at as date),
            concat(
                'Le fichier ',
                source_file,
                ' a ',
                cast(rows_quarantined as string),
                ' ligne(s) illisible(s), mise(s) de côté dans quarantine/',
                source_file,
                '.',
                substr(source_sha256, 1, 8),
                '/rows.csv ; la première, ligne ',
                coalesce(cast(first_quarantined.source_row as string), '?'),
                ' : ',
                coalesce(first_quarantined.reason, '')
            ),
            concat(
                'The file ',
                source_file,
                ' has ',
                cast(rows_quarantined as string),
                ' unreadable row(s), set aside in quarantine/',
                source_file,
                '.',
                substr(source_sha256, 1, 8),
                '/rows.csv; the first one, line ',
                coalesce(cast(first_quarantined.source_row as string), '?'),
                ': ',
                coalesce(first_quarantined.reason, '')
            )
        from files
        left join first_quarantined on files.source_sha256 = first_quarantined.quarantined_sha256
        -- What was set aside matters while its file is in force: a ledger until a newer export, others
        -- while they lie there.
        left join exports_in_force on files.source_sha256 = exports_in_force.export_sha256
        where
            files.status = 'landed'
            and files.rows_quarantined > 0
            and (files.is_present or files.kind = 'ledger')
            and (files.kind <> 'ledger' or exports_in_force.export_sha256 is not null)

        union all

        select
            case when held_because = 'shrinks' then 'export_shrinks' else 'export_ends_earlier' end,
            company_id,
            'file',
            source_file,
            cast(null as decimal(18, 2)),
            cast(null as string),
            cast(modified_at as date),
            concat(
                'L''export ',
                source_file,
                ' est en attente : ',
                {{ why_held("held_exports", "fr") }},
                ' ; pour l''admettre : encours accept ',
                source_file
            ),
            concat(
                'The export ',
                source_file,
                ' is held: ',
                {{ why_held("held_exports", "en") }},
                '; to let it in: encours accept ',
                source_file
            )
        from held_exports

        union all

        select
            'ledger_does_not_balance',
            company_id,
            'file',
            source_file,
            cast(total_debit - total_credit as decimal(18, 2)),
            cast(null as string),
            cast(modified_at as date),
            concat(
                'L''export ',
                source_file,
                ' ne s''équilibre pas : débits ',
                cast(cast(total_debit as decimal(18, 2)) as string),
                ', crédits ',
                cast(cast(total_credit as decimal(18, 2)) as string),
                ' ; demandez un nouvel export au comptable.'
            ),
            concat(
                'The export ',
                source_file,
                ' does not balance: debits ',
                cast(cast(total_debit as decimal(18, 2)) as string),
                ', credits ',
                cast(cast(total_credit as decimal(18, 2)) as string),
                '; ask the accountant for a new export.'
            )
        from {{ ref("int_files__ledger_exports_ranked") }}
        where export_status = 'in_force' and not is_partial and total_debit <> total_credit

        union all

        select
            'exports_overlap',
            later.company_id,
            'file',
            later.source_file,
            cast(null as decimal(18, 2)),
            cast(null as string),
            later.period_start,
            concat(
                'Les exports ',
                earlier.source_file,
                ' et ',
                later.source_file,
                ' montrent tous deux des écritures à partir du ',
                cast(later.period_start as string),
                ' ; vérifiez la clôture de l''exercice dans encours.toml.'
            ),
            concat(
                'The exports ',
                earlier.source_file,
                ' and ',
                later.source_file,
                ' both hold entries on ',
                cast(later.period_start as string),
                ' and after; check the fiscal year in encours.toml.'
            )
        from {{ ref("int_files__ledger_exports_ranked") }} as earlier
        inner join
            {{ ref("int_files__ledger_exports_ranked") }} as later
            on earlier.company_id = later.company_id
            and earlier.fiscal_year_end_date < later.fiscal_year_end_date
            and earlier.period_end >= later.period_start
        where
            earlier.export_status = 'in_force'
            and later.export_status = 'in_force'
            and not earlier.is_partial
            and not later.is_partial

        union all

        select
            'fiscal_year_missing',
            company_id,
            'file',
            concat(company_id, ' ', cast(fiscal_year_start_date as string)),
            cast(null as decimal(18, 2)),
            cast(null as string),
            fiscal_year_start_date,
            concat(
                'Société ',
                company_id,
                ' : il manque un exercice entre le ',
                cast(previous_year_end_date as string),
                ' et le ',
                cast(fiscal_year_start_date as string),
                ' ; déposez son FEC pour savoir ce qui a réglé les postes antérieurs.'
            ),
            concat(
                'Company ',
                company_id,
                ': a fiscal year is missing between ',
                cast(previous_year_end_date as string),
                ' and ',
                cast(fiscal_year_start_date as string),
                '; drop its FEC to know what settled the earlier items.'
            )
        from {{ ref("int_ledger__fiscal_years") }}
        where previous_year_end_date is not null and not is_previous_year_loaded

        union all

        select
            'statement_gap',
            company_id,
            'bank',
            concat(account_number, ' ', cast(from_date as string)),
            cast(opening_balance - previous_closing_balance as decimal(18, 2)),
            account_currency,
            from_date,
            concat(
                'Compte ',
                account_number,
                ' : le relevé du ',
                cast(from_date as string),
                ' ouvre à ',
                cast(cast(opening_balance as decimal(18, 2)) as string),
                ' alors que le précédent (',
                cast(previous_to_date as string),
                ') ferme à ',
                cast(cast(previous_closing_balance as decimal(18, 2)) as string),
                ' ; un relevé manque.'
            ),
            concat(
                'Account ',
                account_number,
                ': the statement of ',
                cast(from_date as string),
                ' opens at ',
                cast(cast(opening_balance as decimal(18, 2)) as string),
                ' but the one before (',
                cast(previous_to_date as string),
                ') closes at ',
                cast(cast(previous_closing_balance as decimal(18, 2)) as string),
                '; a statement is missing.'
            )
        from {{ ref("int_bank__statement_joints") }}
        where opening_balance <> previous_closing_balance

        union all

        select
            'statement_does_not_add_up',
            company_id,
            'bank',
            statement_id,
            cast(closing_balance - opening_balance - entry_total as decimal(18, 2)),
            account_currency,
            to_date,
            concat(
                'Compte ',
                account_number,
                ' : le relevé ',
                coalesce(statement_reference || ' ', ''),
                'du ',
                coalesce(cast(to_date as string), '?'),
                ' ne tombe pas juste (',
                cast(cast(closing_balance - opening_balance - entry_total as decimal(18, 2)) as string),
                ').'
            ),
            concat(
                'Account ',
                account_number,
                ': the statement ',
                coalesce(statement_reference || ' ', ''),
                'of ',
                coalesce(cast(to_date as string), '?'),
                ' does not add up (',
                cast(cast(closing_balance - opening_balance - entry_total as decimal(18, 2)) as string),
                ').'
            )
        from {{ ref("int_bank__statements_chained") }}
        where opening_balance + entry_total <> closing_balance

        union all

        select
            'bank_account_without_ledger_account',
            company_id,
            'bank',
            bank_account_id,
            cast(null as decimal(18, 2)),
            currency_code,
            cast(null as date),
            concat(
                'Le compte ',
                account_number,
                ' n''est rattaché à aucun compte comptable ; candidats : ',
                coalesce(ledger_account_candidates, 'aucun'),
                ' ; déclarez-le dans encours.toml.'
            ),
            concat(
                'The account ',
                account_number,
                ' has no ledger account; candidates: ',
                coalesce(ledger_account_candidates, 'none'),
                '; name it in encours.toml.'
            )
        from {{ ref("int_bank__accounts") }}
        where ledger_account is null and has_statements

        union all

        select
            'minimum_balance_without_account',
            minimums.company_id,
            'bank',
            minimums.account_number,
            cast(null as decimal(18, 2)),
            cast(null as string),
            cast(null as date),
            concat(
                'Le compte ',
                minimums.account_number,
                ' de [[cash.accounts]] n''est ni sur un relevé ni sous [[bank_accounts]]',
                coalesce(' pour la société ' || minimums.company_id, ''),
                ' ; son solde minimum ne vaut pour rien : corrigez-le dans encours.toml.'
            ),
            concat(
                'The account ',
                minimums.account_number,
                ' of [[cash.accounts]] is neither on a statement nor under [[bank_accounts]]',
                coalesce(' for the company ' || minimums.company_id, ''),
                '; its minimum balance holds for nothing: correct it in encours.toml.'
            )
        from {{ source("settings", "minimum_balances") }} as minimums
        left join
            {{ ref("int_bank__account_names") }} as names
            on minimums.account_number = names.account_number
            and coalesce(minimums.company_id, names.company_id) = names.company_id
        where minimums.account_number is not null and names.account_number is null

        union all

        select
            'terms_unreadable',
            company_id,
            case when kind = 'customer' then 'receivable' else 'ledger' end,
            third_party_id,
            cast(null as decimal(18, 2)),
            cast(null as string),
            cast(null as date),
            concat(
                'Les conditions de paiement « ',
                payment_terms,
                ' » de ',
                name,
                ' sont illisibles ; le délai par défaut est appliqué.'
            ),
            concat(
                'The payment terms "',
                payment_terms,
                '" of ',
                name,
                ' cannot be read; the default terms apply.'
            )
        from {{ ref("int_third_parties__listed") }}
        where
            trim(coalesce(payment_terms, '')) <> ''
            and {{ due_date_under_terms("date '2025-01-15'", "plain_terms") }} is null

        union all

        select
            'opening_difference',
            company_id,
            'ledger',
            item_id,
            difference,
            cast(null as string),
            entry_date,
            concat(
                'À-nouveaux du ',
                cast(entry_date as string),
                ', ',
                third_party_id,
                ', compte ',
                account_code,
                ' : ',
                cast(restated_amount as string),
                ' repris pour ',
                cast(left_open_amount as string),
                ' ouverts.'
            ),
            concat(
                'Opening entries of ',
                cast(entry_date as string),
                ', ',
                third_party_id,
                ', account ',
                account_code,
                ': ',
                cast(restated_amount as string),
                ' restated for ',
                cast(left_open_amount as string),
                ' left open.'
            )
        from {{ ref("int_items__opening_differences") }}
        where difference <> 0

        union all

        select
            reason_code,
            company_id,
            side,
            object_id,
            amount,
            currency_code,
            since_date,
            explanation_fr,
            explanation_en
        from {{ ref("int_exceptions__decisions") }}
    ),

    -- Two things may be told by one name (a path written over with another year, an account in two
    -- currencies).
    numbered as (
        select
            *,
            row_number() over (
                partition by reason_code, company_id, object_id
                order by since_date, currency_code, explanation_en
            ) as homonym
        from raised
    )

select
    case
        when numbered.homonym = 1
        then {{ stable_id(["numbered.reason_code", "numbered.company_id", "numbered.object_id"]) }}
        else
            concat(
                {{ stable_id(["numbered.reason_code", "numbered.company_id", "numbered.object_id"]) }},
                '-',
                cast(numbered.homonym as string)
            )
    end as exception_id,
    context.as_of_date,
    context.known_at_date,
    context.run_id,
    numbered.reason_code,
    numbered.company_id,
    numbered.side,
    numbered.object_id,
    numbered.amount,
    case
        when numbered.amount is not null then coalesce(numbered.currency_code, companies.base_currency)
    end as currency_code,
    numbered.since_date,
    numbered.explanation_fr,
    numbered.explanation_en
from numbered
cross join context
left join {{ ref("int_companies__known") }} as companies on numbered.company_id = companies.company_id
