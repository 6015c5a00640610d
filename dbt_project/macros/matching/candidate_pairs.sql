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

        decided as (
            select use, payment_id as row_id
            from {{ decided }}
            union
            select use, document_id
            from {{ decided }}
        ),

        rejected as (
            select distinct payment_id, document_id
            from {{ ref("int_decisions__pairs") }}
            where verdict = 'rejected'
        ),

        payments as (
            select *
            from {{ payments }} as payments
            where
                block_id in (select block_id from {{ documents }})
                and not exists (
                    select 1
                    from decided
                    where decided.use = payments.use and decided.row_id = payments.payment_id
                )
        ),

        payments_in_pools as (
            select
                payments.block_id,
                pools.pool_id,
                pools.party_basis,
                payments.payment_id,
                payments.amount,
                payments.day
            from payments
            inner join {{ payment_pools }} as pools on payments.payment_id = pools.payment_id
        ),

        -- Numbers are counted and sorted faster than the names of pools.
        pools as (
            select block_id, pool_id, row_number() over (order by block_id, pool_id) as pool_number
            from (select distinct block_id, pool_id from payments_in_pools) as met
        ),

        pooled_payments as (
            select
                pools.pool_number,
                pools.pool_id,
                payments.party_basis,
                payments.payment_id,
                payments.amount,
                payments.day,
                count(*) over (partition by payments.payment_id) as pools_met,
                row_number() over (
                    partition by pools.pool_number, payments.amount order by payments.day, payments.payment_id
                ) as equal_number,
                count(*) over (partition by pools.pool_number, payments.amount) as equal_payments
            from payments_in_pools as payments
            inner join pools on payments.block_id = pools.block_id and payments.pool_id = pools.pool_id
        ),

        wanted as (select distinct pool_number, amount from pooled_payments),

        pool_spans as (
            select pool_number, count(*) as pool_size, {{ days_between("min(day)", "max(day)") }} as pool_days
            from ({{ documents_in_pools(documents, document_pools, "day") }}) as documents
            group by pool_number
        ),

        -- As many cents, within fifty units to either side: how dense amounts lie here. Equal instalments of
        -- one document are one of that amount.
        pool_amounts as (
            select
                pool_number,
                amount,
                rows_in_pool,
                same_in_pool,
                cast(
                    sum(same_in_pool) over (
                        partition by pool_number, amount % 100
                        order by amount
                        range between 5000 preceding and 5000 following
                    ) as bigint
                ) as near_in_pool
            from
                (
                    select
                        pool_number,
                        amount,
                        count(*) as rows_in_pool,
                        count(distinct document_group) as same_in_pool
                    from
                        (
                            {{ documents_in_pools(documents, document_pools, "amount, document_group") }}
                        ) as documents
                    where (pool_number, amount % 100) in (select pool_number, amount % 100 from wanted)
                    group by pool_number, amount
                ) as counted
        ),

        equal_documents as (
            select *
            from
                (
                    {{
                        documents_in_pools(
                            documents,
                            document_pools,
                            "amount, day, coalesce(due_date, day) as due_day, document_group, document_id",
                        )
                    }}
                ) as documents
            where (pool_number, amount) in (select pool_number, amount from wanted)
        ),

        instalments as (
            select pool_number, document_id, instalment_number
            from
                (
                    select
                        pool_number,
                        document_id,
                        count(*) over (partition by pool_number, amount, document_group) as instalments,
                        row_number() over (
                            partition by pool_number, amount, document_group order by due_day, document_id
                        ) as instalment_number
                    from equal_documents
                    where
                        (pool_number, amount)
                        in (select pool_number, amount from pool_amounts where rows_in_pool > same_in_pool)
                ) as numbered
            where instalments > 1
        ),

        timeline as (
            select pool_number, amount, day, 1 as is_document, document_id as row_id
            from equal_documents
            union all
            select pool_number, amount, day, 0 as is_document, payment_id as row_id
            from pooled_payments
            where (pool_number, amount) in (select pool_number, amount from equal_documents)
        ),

        placed as (
            select
                *,
                cast(
                    sum(is_document) over (
                        partition by pool_number, amount
                        order by day, is_document desc, row_id
                        rows between unbounded preceding and current row
                    ) as bigint
                ) as position
            from timeline
        ),

        -- Where an equal document may stand: the places are told before they are joined, since an engine
        -- that joins first pairs every payment of an amount with every document of it.
        places_near as (
            {% for step in range(-3, 5) %}
                select pool_number, amount, row_id as payment_id, position + {{ step }} as position
                from placed
                where is_document = 0 {{ "union all" if not loop.last }}
            {% endfor %}
        ),

        neighbours as (
            select places_near.payment_id, placed.row_id as document_id, places_near.pool_number
            from places_near
            inner join
                placed
                on places_near.pool_number = placed.pool_number
                and places_near.amount = placed.amount
                and places_near.position = placed.position
                and placed.is_document = 1
        ),

        named as (
            select named.*, {{ document_pools | join(", ") }}
            from {{ named }} as named
            inner join {{ documents }} as documents on named.document_id = documents.document_id
            where (documents.use, documents.document_id) not in (select use, row_id from decided)
        ),

        named_in_pools as (
            {% for pool in document_pools %}
                select
                    named.payment_id,
                    named.document_id,
                    pooled_payments.pool_number,
                    named.reference_key,
                    named.documents_named,
                    named.pool_documents_named
                from named
                left join
                    pooled_payments
                    on named.payment_id = pooled_payments.payment_id
                    and named.{{ pool }} = pooled_payments.pool_id
                    {{ "union all" if not loop.last }}
            {% endfor %}
        ),

        -- Grouped, so that no engine pairs all payments of a block with all its documents first.
        candidates as (
            select
                payment_id,
                document_id,
                max(pool_number) as pool_number,
                max(reference_key) as reference_key,
                max(documents_named) as documents_named,
                max(pool_documents_named) as pool_documents_named
            from
                (
                    select
                        payment_id,
                        document_id,
                        pool_number,
                        reference_key,
                        documents_named,
                        pool_documents_named
                    from named_in_pools
                    union all
                    select
                        payment_id,
                        document_id,
                        pool_number,
                        cast(null as string),
                        cast(null as bigint),
                        cast(null as bigint)
                    from neighbours
                ) as found
            group by payment_id, document_id
        ),

        payment_words as ({{ rare_words("payments", documents, "payment_id") }}),

        document_words as ({{ rare_words(documents, "payments", "document_id") }}),

        amounts as (
            select block_id, amount, count(distinct document_group) as same_in_block
            from {{ documents }} as documents
            where
                (block_id, amount) in (select block_id, amount from payments)
                and (use, document_id) not in (select use, row_id from decided)
            group by block_id, amount
        ),

        blocks as (
            select block_id, count(*) as block_size
            from {{ documents }} as documents
            where
                block_id in (select block_id from payments)
                and (use, document_id) not in (select use, row_id from decided)
            group by block_id
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
                pooled_payments.party_basis,
                pooled_payments.payment_id is not null as is_in_pool,
                payments.party_id is not null
                and documents.party_id is not null
                and payments.party_id <> documents.party_id as is_other_party,
                payments.party_id = documents.party_id as is_same_party,
                payments.reference_text,
                case
                    when candidates.reference_key is null then {{ series_of("documents.document_ref") }}
                end as series_not_named,
                pool_spans.pool_size,
                pool_amounts.same_in_pool,
                pool_amounts.near_in_pool,
                pool_spans.pool_days,
                pooled_payments.pools_met,
                case
                    when
                        coalesce(instalments.instalment_number, pooled_payments.equal_number)
                        = pooled_payments.equal_number
                    then 1
                    else 0
                end as is_in_turn,
                pooled_payments.equal_payments,
                amounts.same_in_block,
                blocks.block_size,
                candidates.reference_key,
                candidates.documents_named,
                candidates.pool_documents_named,
                {{ shared_count("payment_words.words", "document_words.words") }} as words_shared,
                least(
                    {{ length_of_list("payment_words.words") }}, {{ length_of_list("document_words.words") }}
                ) as words_compared
            from candidates
            inner join payments on candidates.payment_id = payments.payment_id
            inner join {{ documents }} as documents on candidates.document_id = documents.document_id
            cross join settings
            left join
                pooled_payments
                on candidates.payment_id = pooled_payments.payment_id
                and candidates.pool_number = pooled_payments.pool_number
            left join pool_spans on candidates.pool_number = pool_spans.pool_number
            left join
                pool_amounts
                on candidates.pool_number = pool_amounts.pool_number
                and documents.amount = pool_amounts.amount
            left join
                instalments
                on candidates.pool_number = instalments.pool_number
                and candidates.document_id = instalments.document_id
            left join payment_words on candidates.payment_id = payment_words.row_id
            left join document_words on candidates.document_id = document_words.row_id
            left join amounts on documents.block_id = amounts.block_id and documents.amount = amounts.amount
            left join blocks on documents.block_id = blocks.block_id
            left join
                rejected
                on candidates.payment_id = rejected.payment_id
                and candidates.document_id = rejected.document_id
            where
                rejected.payment_id is null
                and payments.payment_id <> documents.document_id
                -- Lines of one entry do not settle each other.
                and (payments.use = 'bank' or coalesce(payments.bundle_id <> documents.bundle_id, true))
                -- Money that went back is not settled by what came before it.
                and not (documents.is_money_back and documents.entry_day >= payments.day)
                and {{ is_near_in_time("payments.use", "documents.day", "payments.day") }}
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

        -- What speaks against a pair that only its amount brings together: another number of the
        -- document's series; money comes to the bank within days of its booking, and is booked within
        -- days, but where the payer has that amount once on either side; an invoice is there before it is
        -- paid.
        weighed as (
            select
                *,
                (
                    coalesce(series_not_named, '') <> ''
                    and position(concat(' ', series_not_named, ' ') in concat(' ', reference_text, ' ')) > 0
                )
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

        chances as (
            select
                *,
                -- Beyond a million nothing is told apart, and no decimal holds it.
                case
                    when is_same_amount and is_in_pool
                    then
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
                                            + {{ ratio("pool_size", "block_size") }}
                                            * (same_in_block - same_in_pool)
                                    end
                                )
                                * case when use = 'bank' and is_same_party then 0.02 else 1.0 end
                                * pools_met
                                * case when is_other_party then 20.0 else 1.0 end
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
                        )
                end as chance
            from weighed
        ),

        doubted as (
            select
                *,
                cast(
                    -- Held to one before it grows: a hundred times a million fits no decimal.
                    case when is_against then 1000000.0 * least(1.0, chance) else chance end as decimal(18, 9)
                ) as accidents
            from chances
        )

    select
        use,
        payment_id,
        document_id,
        payment_amount,
        payment_day,
        document_amount,
        is_same_amount,
        is_in_pool,
        is_in_turn,
        is_named,
        is_same_party,
        is_other_party,
        party_basis,
        days,
        reference_key,
        documents_named,
        words_shared,
        words_compared,
        pool_size,
        accidents,
        cast(
            case
                -- It may be proposed, after what nothing speaks against, and is never matched.
                when is_against and chance is not null
                then least(4.0, - ln(greatest(chance, 0.000000001)) - ln(9.0))
                when chance is not null
                then - ln(greatest(chance, 0.000000001))
                when is_named
                then 2.0
                else 0.5
            end - case
                when use <> 'bank' or abs(days) <= 3
                then 0
                when abs(days) <= 7
                then 0.7
                when abs(days) <= 15
                then 1.5
                when abs(days) <= 31
                then 2.5
                else 3.5
            end as decimal(9, 4)
        ) as weight
    from doubted
{% endmacro %}

{# Whether a document's day is near enough to a payment's for the one to settle the other, with `settings` at hand. #}
{% macro is_near_in_time(use, document_day, payment_day) -%}
    {{ days_between(document_day, payment_day) }}
    between case when {{ use }} = 'bank' then - settings.days_before else -31 end and case
        when {{ use }} = 'bank' then settings.days_after else 3660
    end
{%- endmacro %}

{# A select of columns of the documents that no decision has taken, with the number of each pool that holds them. #}
{% macro documents_in_pools(documents, document_pools, columns) %}
    {% for pool in document_pools %}
        select pools.pool_number, {{ columns }}
        from {{ documents }} as documents
        inner join pools on documents.block_id = pools.block_id and documents.{{ pool }} = pools.pool_id
        where
            (documents.use, documents.document_id) not in (select use, row_id from decided)
            {{ "union all" if not loop.last }}
    {% endfor %}
{% endmacro %}

{#
  The words of letters in a row's text that few rows of its block have, as a list per row: names, not `VIREMENT`. None
  where the other side has no text to compare.
#}
{% macro rare_words(relation, other, key) %}
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
                            ~ " where words_text <> '' and block_id in (select block_id from "
                            ~ other
                            ~ " where words_text <> '')) as texts",
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
