{#
  Which payments and documents may belong together, with the evidence on each pair: those of equal amount in one pool,
  near in time, and those of which the payment names the document. `payment_pools` and `document_pools` say which may
  meet at all: a bank account, a third party's account, the customers that a payer may be.

  Of the documents that have a payment's amount only the eight nearest in time are looked at, so that a fee of 5.00
  charged ten thousand times costs no more than one of 5.37.

  `accidents` is the coincidence gate (matching by amount alone is a game of chance): how many documents that have
  nothing to do with the payment would look as good as this one. It is the density of amounts around this one with the
  same cents, and how often the amount itself occurs, in the days that lie no farther away; times how often the party,
  the words and the reference would agree by accident. `weight` is its negative logarithm, less what the days say.
#}
{% macro candidate_pairs(payments, documents, payment_pools, document_pools, named, decided) %}
    with
        settings as (select * from {{ source("settings", "matching") }}),

        decided as (select use, payment_id, document_id from {{ decided }}),

        rejected as (
            select payment_id, document_id from {{ ref("int_decisions__pairs") }} where verdict = 'rejected'
        ),

        payments as (
            select *
            from {{ payments }} as payments
            where
                block_id in (select block_id from {{ documents }})
                and not exists (
                    select 1
                    from decided
                    where
                        decided.use = payments.use
                        and payments.payment_id in (decided.payment_id, decided.document_id)
                )
        ),

        documents as (
            select *
            from {{ documents }} as documents
            where
                block_id in (select block_id from {{ payments }})
                and not exists (
                    select 1
                    from decided
                    where
                        decided.use = documents.use
                        and documents.document_id in (decided.payment_id, decided.document_id)
                )
        ),

        pooled_payments as (
            select
                pools.pool_id,
                pools.party_basis,
                count(*) over (partition by payments.payment_id) as pools_met,
                row_number() over (
                    partition by pools.pool_id, payments.amount order by payments.day, payments.payment_id
                ) as equal_number,
                count(*) over (partition by pools.pool_id, payments.amount) as equal_payments,
                payments.use,
                payments.payment_id,
                payments.amount,
                payments.day
            from payments
            inner join {{ payment_pools }} as pools on payments.payment_id = pools.payment_id
        ),

        pooled_documents as (
            select
                pools.pool_id,
                documents.document_id,
                documents.document_group,
                documents.amount,
                documents.day,
                count(*) over (
                    partition by pools.pool_id, documents.amount, documents.document_group
                ) as instalments,
                row_number() over (
                    partition by pools.pool_id, documents.amount, documents.document_group
                    order by coalesce(documents.due_date, documents.day), documents.document_id
                ) as instalment_number
            from documents
            inner join {{ document_pools }} as pools on documents.document_id = pools.document_id
            where pools.pool_id in (select pool_id from pooled_payments)
        ),

        pool_spans as (
            select pool_id, count(*) as pool_size, {{ days_between("min(day)", "max(day)") }} as pool_days
            from pooled_documents
            group by pool_id
        ),

        -- As many cents, within fifty units to either side: how dense amounts lie here.
        pool_amounts as (
            select
                pool_id,
                amount,
                same_in_pool,
                cast(
                    sum(same_in_pool) over (
                        partition by pool_id, amount % 100
                        order by amount
                        range between 5000 preceding and 5000 following
                    ) as bigint
                ) as near_in_pool
            from
                (
                    -- Equal instalments of one document are one of that amount.
                    select pool_id, amount, count(distinct document_group) as same_in_pool
                    from pooled_documents
                    group by pool_id, amount
                ) as counted
        ),

        wanted as (select distinct pool_id, amount from pooled_payments),

        timeline as (
            select
                pooled_documents.pool_id,
                pooled_documents.amount,
                pooled_documents.day,
                1 as is_document,
                pooled_documents.document_id as row_id
            from pooled_documents
            inner join
                wanted
                on pooled_documents.pool_id = wanted.pool_id
                and pooled_documents.amount = wanted.amount
            union all
            select pool_id, amount, day, 0 as is_document, payment_id as row_id
            from pooled_payments
        ),

        placed as (
            select
                *,
                cast(
                    sum(is_document) over (
                        partition by pool_id, amount
                        order by day, is_document desc, row_id
                        rows between unbounded preceding and current row
                    ) as bigint
                ) as position
            from timeline
        ),

        neighbours as (
            select
                payments_placed.row_id as payment_id,
                documents_placed.row_id as document_id,
                payments_placed.pool_id
            from placed as payments_placed
            cross join
                (
                    select -3 as step
                    {% for step in range(-2, 5) %}
                        union all
                        select {{ step }} as step
                    {% endfor %}
                ) as steps
            inner join
                placed as documents_placed
                on payments_placed.pool_id = documents_placed.pool_id
                and payments_placed.amount = documents_placed.amount
                and payments_placed.position + steps.step = documents_placed.position
                and documents_placed.is_document = 1
            where payments_placed.is_document = 0
        ),

        named as (select * from {{ named }}),

        candidates as (
            select payment_id, document_id
            from
                (
                    select payment_id, document_id
                    from neighbours
                    union
                    select payment_id, document_id
                    from named
                ) as found
            where
                not exists (
                    select 1
                    from rejected
                    where rejected.payment_id = found.payment_id and rejected.document_id = found.document_id
                )
        ),

        payment_words as ({{ rare_words("payments", "payment_id") }}),

        document_words as ({{ rare_words("documents", "document_id") }}),

        {#- What a party's pool says of the pair: where payer and owner are known, they agree. #}
        -- Grouped, so that no engine pairs all payments of a pool with all its documents first.
        candidate_pools as (
            select
                candidates.payment_id,
                candidates.document_id,
                pooled_payments.pool_id,
                min(pooled_payments.party_basis) as party_basis,
                max(pooled_payments.pools_met) as pools_met,
                max(pooled_payments.equal_number) as equal_number,
                max(pooled_payments.equal_payments) as equal_payments
            from candidates
            inner join pooled_payments on candidates.payment_id = pooled_payments.payment_id
            group by candidates.payment_id, candidates.document_id, pooled_payments.pool_id
        ),

        in_pool as (
            select
                candidate_pools.payment_id,
                candidate_pools.document_id,
                min(candidate_pools.party_basis) as party_basis,
                max(pool_spans.pool_size) as pool_size,
                max(pool_amounts.same_in_pool) as same_in_pool,
                max(pool_amounts.near_in_pool) as near_in_pool,
                max(pool_spans.pool_days) as pool_days,
                max(candidate_pools.pools_met) as pools_met,
                max(candidate_pools.equal_payments) as equal_payments,
                max(
                    case
                        when
                            pooled_documents.instalments = 1
                            or pooled_documents.instalment_number = candidate_pools.equal_number
                        then 1
                        else 0
                    end
                ) as is_in_turn
            from candidate_pools
            inner join
                pooled_documents
                on candidate_pools.document_id = pooled_documents.document_id
                and candidate_pools.pool_id = pooled_documents.pool_id
            inner join pool_spans on pooled_documents.pool_id = pool_spans.pool_id
            inner join
                pool_amounts
                on pooled_documents.pool_id = pool_amounts.pool_id
                and pooled_documents.amount = pool_amounts.amount
            group by candidate_pools.payment_id, candidate_pools.document_id
        ),

        amounts as (
            select block_id, amount, count(distinct document_group) as same_in_block
            from documents
            group by block_id, amount
        ),

        blocks as (select block_id, count(*) as block_size from documents group by block_id),

        -- Distinct, so that no engine pairs all payments of a block with all its documents first.
        met as (
            select distinct
                candidates.payment_id,
                documents.block_id,
                documents.document_id,
                documents.party_id,
                documents.amount,
                documents.day,
                documents.series,
                documents.bundle_id,
                documents.entry_day,
                documents.is_money_back
            from candidates
            inner join documents on candidates.document_id = documents.document_id
        ),

        compared as (
            select
                payments.use,
                payments.block_id,
                payments.payment_id,
                documents.document_id,
                payments.amount as payment_amount,
                payments.day as payment_day,
                documents.amount as document_amount,
                payments.amount = documents.amount as is_same_amount,
                {{ days_between("documents.day", "payments.day") }} as days,
                in_pool.party_basis,
                in_pool.payment_id is not null as is_in_pool,
                payments.party_id is not null
                and documents.party_id is not null
                and payments.party_id <> documents.party_id as is_other_party,
                payments.party_id = documents.party_id as is_same_party,
                -- A number of the document's own series, which is another one.
                named.payment_id is null
                and coalesce(documents.series, '') <> ''
                and position(concat(' ', documents.series, ' ') in concat(' ', payments.reference_text, ' '))
                > 0 as names_another,
                in_pool.pool_size,
                in_pool.same_in_pool,
                in_pool.near_in_pool,
                in_pool.pool_days,
                in_pool.pools_met,
                in_pool.is_in_turn,
                in_pool.equal_payments,
                amounts.same_in_block,
                blocks.block_size,
                named.reference_key,
                named.documents_named,
                named.pool_documents_named,
                {{ shared_count("payment_words.words", "document_words.words") }} as words_shared,
                least(
                    {{ length_of_list("payment_words.words") }}, {{ length_of_list("document_words.words") }}
                ) as words_compared
            from met as documents
            inner join
                payments
                on documents.payment_id = payments.payment_id
                and documents.block_id = payments.block_id
            cross join settings
            left join
                in_pool
                on payments.payment_id = in_pool.payment_id
                and documents.document_id = in_pool.document_id
            left join
                named on payments.payment_id = named.payment_id and documents.document_id = named.document_id
            left join payment_words on payments.payment_id = payment_words.row_id
            left join document_words on documents.document_id = document_words.row_id
            left join amounts on documents.block_id = amounts.block_id and documents.amount = amounts.amount
            left join blocks on documents.block_id = blocks.block_id
            where
                payments.payment_id <> documents.document_id
                -- Lines of one entry do not settle each other.
                and (payments.use = 'bank' or coalesce(payments.bundle_id <> documents.bundle_id, true))
                -- Money that went back is not settled by what came before it.
                and not (documents.is_money_back and documents.entry_day >= payments.day)
                and {{ days_between("documents.day", "payments.day") }}
                between case when payments.use = 'bank' then - settings.days_before else -31 end and case
                    when payments.use = 'bank' then settings.days_after else 3660
                end
        ),

        -- A key that names one document names it: among all, or among those of a party that is known.
        judged as (
            select
                *,
                use = 'bank' and payment_amount > 0 and days > {{ var("latest_receipt") }} as is_late,
                coalesce(
                    (
                        (documents_named = 1 and length(reference_key) >= 5 and reference_key not like '#%')
                        or (pool_documents_named = 1 and party_basis is not null)
                        -- A short one, `F12`, where the payer agrees.
                        or (
                            documents_named = 1
                            and {{ matches("reference_key", "'^[A-Z]+[0-9]+$'") }}
                            and (
                                coalesce(is_same_party, false)
                                or (words_compared > 0 and 2 * words_shared >= words_compared)
                            )
                        )
                    )
                    -- Money that the books hold comes to the bank within days: later it is another payment.
                    and not (use = 'bank' and payment_amount > 0 and days > {{ var("latest_receipt") }}),
                    false
                ) as is_named,
                case
                    when use = 'bank'
                    then
                        least(
                            cast(1 as decimal(9, 6)),
                            {{ ratio("(2 * abs(days) + 3)", "greatest(pool_days, 30)") }}
                        )
                    else cast(1 as decimal(9, 6))
                end as share_of_days
            from compared
        ),

        -- What speaks against a pair that only its amount brings together: another number of the document's
        -- series; money
        -- comes to the bank within days of its booking, and is booked within days, but where the payer has
        -- that amount
        -- once on either side; an invoice is there before it is paid.
        weighed as (
            select
                *,
                names_another
                or is_late
                or (
                    not is_named
                    and days < case when use = 'bank' then - {{ var("earliest_booking") }} else 0 end
                    and not (
                        use = 'bank'
                        and same_in_pool = 1
                        and equal_payments = 1
                        and (
                            coalesce(is_same_party, false)
                            or (words_compared > 0 and 2 * words_shared >= words_compared)
                        )
                    )
                ) as is_against
            from judged
        ),

        doubted as (
            select
                *,
                -- Beyond a million nothing is told apart, and no decimal holds it.
                cast(
                    least(
                        1000000.0,
                        (
                            0.0005
                            + share_of_days
                            * case
                                when use = 'bank'
                                then 0.01 * (near_in_pool - same_in_pool) + 0.1 * (same_in_pool - 1)
                                else
                                    0.01 * (near_in_pool - same_in_pool)
                                    + (same_in_pool - 1)
                                    + {{ ratio("pool_size", "block_size") }} * (same_in_block - same_in_pool)
                            end
                        )
                        * case when use = 'bank' and is_same_party then 0.02 else 1.0 end
                        * pools_met
                        * case when is_other_party then 20.0 else 1.0 end
                        * case when is_against then 1000000.0 else 1.0 end
                        * case
                            when documents_named is null
                            then 1.0
                            when is_named
                            then 0.001
                            when documents_named <= 5
                            then 0.02
                            else 0.2
                        end
                        * case
                            when words_compared = 0
                            then 1.0
                            when 2 * words_shared >= words_compared
                            then 0.02
                            when words_shared > 0
                            then 0.2
                            when use = 'bank'
                            then 3.0
                            else 1.0
                        end
                    ) as decimal(18, 9)
                ) as accidents
            from weighed
            where is_same_amount and is_in_pool
        )

    select
        judged.use,
        judged.payment_id,
        judged.document_id,
        judged.payment_amount,
        judged.payment_day,
        judged.document_amount,
        judged.is_same_amount,
        judged.is_in_pool,
        judged.is_in_turn,
        judged.is_named,
        judged.is_same_party,
        judged.is_other_party,
        judged.party_basis,
        judged.days,
        judged.reference_key,
        judged.documents_named,
        judged.words_shared,
        judged.words_compared,
        judged.pool_size,
        doubted.accidents,
        cast(
            case
                -- It may be proposed, and is never matched.
                when doubted.is_against
                then least(4.0, - ln(greatest(doubted.accidents * 0.000001, 0.000000001)))
                when doubted.accidents is not null
                then - ln(greatest(doubted.accidents, 0.000000001))
                when judged.is_named
                then 2.0
                else 0.5
            end - case
                when judged.use <> 'bank' or abs(judged.days) <= 3
                then 0
                when abs(judged.days) <= 7
                then 0.7
                when abs(judged.days) <= 15
                then 1.5
                when abs(judged.days) <= 31
                then 2.5
                else 3.5
            end as decimal(9, 4)
        ) as weight
    from judged
    left join doubted on judged.payment_id = doubted.payment_id and judged.document_id = doubted.document_id
{% endmacro %}

{# The words of letters in a row's text that few rows of its block have, as a list per row: names, not `VIREMENT`. #}
{% macro rare_words(relation, key) %}
    select {{ key }} as row_id, {{ distinct_list("word") }} as words
    from
        (
            select
                block_id,
                {{ key }},
                word,
                count(*) over (partition by block_id, word) as rows_with_word,
                block_rows
            from
                (
                    {{
                        words_of(
                            "(select *, count(*) over (partition by block_id) as block_rows from "
                            ~ relation
                            ~ " where words_text <> '') as texts",
                            "block_id, block_rows, " ~ key,
                            "words_text",
                        )
                    }}
                ) as words
            where {{ matches("word", "'^[A-Z]{3,}$'") }} and not {{ matches("word", generic_words()) }}
        ) as counted
    where rows_with_word <= 10 or 30 * rows_with_word <= block_rows
    group by {{ key }}
{% endmacro %}

{# What payments are called, in French and English: in small books these are rare too, and say nothing of who pays. #}
{% macro generic_words() -%}
    '^(VIR|VRT|VIREMENT|VIREMENTS|SEPA|INST|RECU|RECUE|EMIS|EMISE|PRLV|PRELEVEMENT|REGLEMENT|RGLT|PAIEMENT|ENCAISSEMENT|CHQ|CHEQUE|CHEQUES|REMISE|CARTE|FACTURE|FACTURES|FACT|CLIENT|FOURNISSEUR|PIECE|REF|TRANSFER|PAYMENT|INVOICE|WIRE|FROM|THE|NOTPROVIDED)$'
{%- endmacro %}
