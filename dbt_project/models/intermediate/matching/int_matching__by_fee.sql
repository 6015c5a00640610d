-- After the stages of the first pass: receipts that lack a little of one line of the books, near in time, as
-- where the bank kept its fee and nothing quotes a reference. Cards are paid in net of a commission at a
-- round rate: such a line is matched where no other comes near. Of a transfer the payer says who it is from,
-- and what lacks may be anything: it is proposed.
{%- set stages = [
    ref("int_matching__by_decision"),
    ref("int_matching__by_reference"),
    ref("int_matching__by_residual"),
    ref("int_matching__by_amount"),
] %}
{%- set of_cards = "'(^| )(CB|CARTES?|CARDS?|TPE|VISA)( |$)'" %}
with
    settings as (select * from {{ source("settings", "matching") }}),

    consumed as ({{ consumed_by(stages) }}),

    named as (
        select payment_id as row_id
        from {{ ref("int_matching__by_residual") }}
        where use = 'bank'
        union
        select document_id
        from {{ ref("int_matching__by_residual") }}
        where use = 'bank'
    ),

    equals as (
        select payment_id, document_id
        from {{ ref("int_matching__pairs") }}
        where use = 'bank' and is_same_amount and is_in_pool
    ),

    payments as (
        select *
        from {{ ref("int_matching__payments") }} as payments
        where
            use = 'bank'
            and amount > 0
            and not exists (
                select 1 from consumed where consumed.use = 'bank' and consumed.row_id = payments.payment_id
            )
            and not exists (select 1 from named where named.row_id = payments.payment_id)
            and not exists (select 1 from equals where equals.payment_id = payments.payment_id)
    ),

    documents as (
        select *
        from {{ ref("int_matching__documents") }} as documents
        where
            use = 'bank'
            and amount > 0
            and not exists (
                select 1 from consumed where consumed.use = 'bank' and consumed.row_id = documents.document_id
            )
            and not exists (select 1 from named where named.row_id = documents.document_id)
            and not exists (select 1 from equals where equals.document_id = documents.document_id)
    ),

    collected as (
        select distinct bank_lines.ledger_line_id
        from {{ ref("int_ledger__lines_identified") }} as bank_lines
        inner join
            {{ ref("int_ledger__lines_identified") }} as others
            on bank_lines.company_id = others.company_id
            and coalesce(bank_lines.journal_code, '') = coalesce(others.journal_code, '')
            and coalesce(bank_lines.entry_number, '') = coalesce(others.entry_number, '')
            and bank_lines.entry_date = others.entry_date
            and others.account_role = 'collection'
        where exists (select 1 from documents where documents.document_id = bank_lines.ledger_line_id)
    ),

    payment_words as ({{ rare_words("payments", "documents", "payment_id") }}),

    document_words as ({{ rare_words("documents", "payments", "document_id") }}),

    -- Beside each payment the days of what it may be: no engine then pairs all that an account has left.
    payment_days as (
        select
            payments.*,
            steps.step as days,
            {{ plus_days("payments.day", "- steps.step") }} as document_day,
            payments.amount + 100 * settings.largest_fee as greatest_amount
        from payments
        cross join settings
        cross join
            (
                select -3 as step
                {% for step in range(-2, 6) %}
                    union all
                    select {{ step }} as step
                {% endfor %}
            ) as steps
    ),

    near as (
        select
            payments.payment_id,
            documents.document_id,
            payments.days,
            payments.amount as payment_amount,
            documents.amount as document_amount,
            documents.amount - payments.amount as lacking,
            coalesce(payments.party_id = documents.party_id, false) as is_same_party,
            coalesce({{ matches("payments.words_text", of_cards) }}, false)
            and (
                collected.ledger_line_id is not null
                or coalesce({{ matches("documents.words_text", of_cards) }}, false)
            ) as is_of_cards,
            {{ shared_count("payment_words.words", "document_words.words") }} as words_shared,
            least(
                {{ length_of_list("payment_words.words") }}, {{ length_of_list("document_words.words") }}
            ) as words_compared
        from payment_days as payments
        inner join
            documents
            on payments.pool_id = documents.pool_id
            and payments.document_day = documents.day
            and documents.amount > payments.amount
            and documents.amount <= payments.greatest_amount
            and (documents.amount - payments.amount) * 10 <= documents.amount
        left join collected on documents.document_id = collected.ledger_line_id
        left join payment_words on payments.payment_id = payment_words.row_id
        left join document_words on documents.document_id = document_words.row_id
        where
            not exists (
                select 1
                from {{ ref("int_decisions__pairs") }} as decisions
                where
                    decisions.verdict = 'rejected'
                    and decisions.payment_id = payments.payment_id
                    and decisions.document_id = documents.document_id
            )
    ),

    -- The only one that anything but its amount speaks for, for either side.
    alone as (
        select
            *,
            count(*) over (partition by payment_id) as payment_choices,
            count(*) over (partition by document_id) as document_choices
        from near
        where is_of_cards or is_same_party or (words_compared > 0 and 2 * words_shared >= words_compared)
    ),

    stage as (
        select
            'bank' as use,
            payment_id as group_id,
            payment_id,
            document_id,
            'residual' as match_rule,
            case
                when
                    is_of_cards
                    and days <= 3
                    and lacking * 100 <= 3 * document_amount
                    -- A multiple of a twentieth of a per cent, but for rounding.
                    and abs(
                        lacking * 2000
                        - round({{ ratio("lacking * 2000", "document_amount") }}) * document_amount
                    )
                    <= 1000
                then 'matched'
                else 'proposed'
            end as match_status,
            'bank_fee' as residual_reason,
            cast(null as string) as reference_key,
            cast(null as bigint) as documents_named,
            cast(null as string) as party_basis,
            words_shared,
            words_compared,
            days,
            cast(null as decimal(18, 9)) as accidents,
            cast(null as decimal(9, 4)) as margin,
            payment_amount,
            document_amount
        from alone
        where payment_choices = 1 and document_choices = 1
    )

select {{ stage_columns() }}
from stage
