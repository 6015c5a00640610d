{#
  Which documents a payment's text names: a row per payment and document, with the key that says most.

  `documents_named` is the document frequency of the key in the block: 1 names the document, 20 name a year.
  `pool_documents_named` counts again among the documents of one pool that the payment may meet: a short number names a
  document of a customer who is known, and nothing of all customers.
#}
{% macro named_documents(payments, documents, payment_pools, pool) %}
    with
        -- Only where both are: an account without statements has nothing to be named.
        payments as (
            select block_id, payment_id, reference_text
            from {{ payments }} as all_payments
            where reference_text <> '' and block_id in (select block_id from {{ documents }})
        ),

        documents as (
            select document_id, reference_text
            from {{ documents }} as all_documents
            where reference_text <> '' and block_id in (select block_id from {{ payments }})
        ),

        payment_neighbours as ({{ neighbours_of("payments", "block_id, payment_id", "reference_text") }}),

        payment_words as ({{ quotable_words("payment_neighbours", "block_id, payment_id") }}),

        document_neighbours as ({{ neighbours_of("documents", "document_id", "reference_text") }}),

        document_words as ({{ quotable_words("document_neighbours", "document_id", last_is_number=true) }}),

        -- Keys are made of few words: of those that end in the figures of one on the other side.
        words_quoted as (
            select documents.block_id, coalesce(documents.{{ pool }}, '') as pool_id, words.*
            from document_words as words
            inner join {{ documents }} as documents on words.document_id = documents.document_id
            where words.figures in (select figures from payment_words)
        ),

        words_quoting as (
            select *
            from payment_words
            where (block_id, figures) in (select block_id, figures from words_quoted)
        ),

        document_keys as ({{ reference_keys("words_quoted", "block_id, pool_id, document_id") }}),

        payment_keys as ({{ reference_keys("words_quoting", "block_id, payment_id") }}),

        pool_frequencies as (
            select block_id, pool_id, reference_key, count(*) as pool_documents_named
            from document_keys
            group by block_id, pool_id, reference_key
        ),

        frequencies as (
            select block_id, reference_key, cast(sum(pool_documents_named) as bigint) as documents_named
            from pool_frequencies
            group by block_id, reference_key
        ),

        quoted as (
            select
                payment_keys.block_id,
                payment_keys.payment_id,
                payment_keys.reference_key,
                payment_keys.is_bare,
                frequencies.documents_named
            from payment_keys
            inner join
                frequencies
                on payment_keys.block_id = frequencies.block_id
                and payment_keys.reference_key = frequencies.reference_key
        ),

        found as (
            select
                quoted.payment_id,
                document_keys.document_id,
                quoted.reference_key,
                quoted.documents_named,
                cast(null as bigint) as pool_documents_named
            from quoted
            inner join
                document_keys
                on quoted.block_id = document_keys.block_id
                and quoted.reference_key = document_keys.reference_key
                and quoted.is_bare + document_keys.is_bare > 0
            where
                quoted.documents_named <= {{ var("most_documents_named") }}
                and quoted.reference_key not like '#%'
            union all
            select
                quoted.payment_id,
                document_keys.document_id,
                quoted.reference_key,
                quoted.documents_named,
                pool_frequencies.pool_documents_named
            from quoted
            inner join {{ payment_pools }} as pools on quoted.payment_id = pools.payment_id
            inner join
                pool_frequencies
                on quoted.block_id = pool_frequencies.block_id
                and pools.pool_id = pool_frequencies.pool_id
                and quoted.reference_key = pool_frequencies.reference_key
                and pool_frequencies.pool_documents_named <= 3
            inner join
                document_keys
                on pool_frequencies.block_id = document_keys.block_id
                and pool_frequencies.pool_id = document_keys.pool_id
                and pool_frequencies.reference_key = document_keys.reference_key
                and quoted.is_bare + document_keys.is_bare > 0
        ),

        ranked as (
            select
                *,
                row_number() over (
                    partition by payment_id, document_id
                    order by
                        coalesce(pool_documents_named, documents_named),
                        documents_named,
                        length(reference_key) desc,
                        reference_key,
                        coalesce(pool_documents_named, 1000)
                ) as choice
            from found
        )

    select payment_id, document_id, reference_key, documents_named, pool_documents_named
    from ranked
    where choice = 1
{% endmacro %}
