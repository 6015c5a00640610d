{#
  Which documents a payment's text names: a row per payment and document that may belong together by their days, with the
  key that says most.

  `documents_named` is the document frequency of the key in the block: 1 names the document, 20 name a year.
  `pool_documents_named` counts again among the documents of one pool that the payment may meet: a short number names a
  document of a customer who is known, and nothing of all customers.

  With `tells_missing` a row without a document says that the payment names one that is not there: its text holds a
  number of the kind that the documents have (`FA2025-000186`: FA and ten figures), and none of them has it.

  Blocks, pools, rows and keys have numbers: millions of keys are grouped and joined, and texts are slow to compare.
#}
{% macro named_documents(payments, documents, payment_pools, pool, tells_missing=false) %}
    with
        settings as (select * from {{ source("settings", "matching") }}),

        -- Only where both are: an account without statements has nothing to be named.
        payments as (
            select
                use,
                block_id,
                payment_id,
                day,
                reference_text,
                row_number() over (order by payment_id) as payment_number
            from {{ payments }} as all_payments
            where reference_text <> '' and block_id in (select block_id from {{ documents }})
        ),

        documents as (
            select
                block_id,
                coalesce({{ pool }}, '') as pool_id,
                document_id,
                document_ref,
                is_money_back,
                day,
                reference_text,
                row_number() over (order by document_id) as document_number
            from {{ documents }} as all_documents
            where reference_text <> '' and block_id in (select block_id from {{ payments }})
        ),

        pools as (
            select
                block_id,
                pool_id,
                dense_rank() over (order by block_id) as block_number,
                row_number() over (order by block_id, pool_id) as pool_number
            from (select distinct block_id, pool_id from documents) as met
        ),

        payment_texts as (
            select blocks.block_number, payments.payment_number, payments.reference_text
            from payments
            inner join
                (select distinct block_id, block_number from pools) as blocks
                on payments.block_id = blocks.block_id
        ),

        document_texts as (
            select pools.block_number, pools.pool_number, documents.document_number, documents.reference_text
            from documents
            inner join pools on documents.block_id = pools.block_id and documents.pool_id = pools.pool_id
        ),

        {{ document_numbers("documents", "pools") }},

        payment_figures as (
            {{ figures_of_numbers("payment_texts", "block_number, payment_number", "reference_text") }}
        ),

        payment_words as (
            {{ quotable_words("payment_figures", "block_number, payment_number", has_numbers_told=true) }}
        ),

        payment_keys as ({{ reference_keys("payment_words", "block_number, payment_number") }}),

        document_figures as (
            {{
                words_with_figures(
                    "document_texts", "block_number, pool_number, document_number", "reference_text"
                )
            }}
        ),

        -- A key ends in the figures of its word: of a million documents few have figures that a payment
        -- quotes.
        document_words as (
            select *
            from
                (
                    {{
                        quotable_words(
                            "document_figures",
                            "block_number, pool_number, document_number",
                            last_is_number=true,
                        )
                    }}
                ) as words
            where (block_number, figures) in (select block_number, figures from payment_words)
        ),

        document_keys as (
            {{
                reference_keys(
                    "document_words",
                    "block_number, pool_number, document_number",
                    quoted="(select block_number, reference_key from payment_keys)",
                )
            }}
        ),

        keys as (
            select
                block_number,
                reference_key,
                count(*) as documents_named,
                row_number() over (order by block_number, reference_key) as key_number
            from document_keys
            group by block_number, reference_key
        ),

        {% if tells_missing %} {{ naming_others("payment_words", "payments") }}, {% endif %}

        naming as (
            select payment_keys.payment_number, payment_keys.is_bare, keys.key_number, keys.documents_named
            from payment_keys
            inner join
                keys
                on payment_keys.block_number = keys.block_number
                and payment_keys.reference_key = keys.reference_key
        ),

        -- Grouped, so that no engine pairs all payments of a pool with all its documents first.
        naming_in_pools as (
            select
                naming.key_number,
                pools.pool_number,
                naming.payment_number,
                max(naming.is_bare) as is_bare,
                max(naming.documents_named) as documents_named
            from naming
            inner join payments on naming.payment_number = payments.payment_number
            inner join {{ payment_pools }} as payment_pools on payments.payment_id = payment_pools.payment_id
            inner join pools on payments.block_id = pools.block_id and payment_pools.pool_id = pools.pool_id
            group by naming.key_number, pools.pool_number, naming.payment_number
        ),

        nameable as (
            select
                document_keys.document_number,
                document_keys.pool_number,
                document_keys.is_bare,
                keys.key_number,
                keys.reference_key,
                count(*) over (
                    partition by keys.key_number, document_keys.pool_number
                ) as pool_documents_named
            from document_keys
            inner join
                keys
                on document_keys.block_number = keys.block_number
                and document_keys.reference_key = keys.reference_key
        ),

        found as (
            select
                naming.payment_number,
                nameable.document_number,
                nameable.reference_key,
                naming.documents_named,
                cast(null as bigint) as pool_documents_named
            from naming
            inner join
                nameable on naming.key_number = nameable.key_number and naming.is_bare + nameable.is_bare > 0
            where
                naming.documents_named <= {{ var("most_documents_named") }}
                and nameable.reference_key not like '#%'
            union all
            select
                naming.payment_number,
                nameable.document_number,
                nameable.reference_key,
                naming.documents_named,
                nameable.pool_documents_named
            from naming_in_pools as naming
            inner join
                nameable
                on naming.key_number = nameable.key_number
                and naming.pool_number = nameable.pool_number
                and naming.is_bare + nameable.is_bare > 0
            where nameable.pool_documents_named <= 3
        ),

        ranked as (
            select
                payments.payment_id,
                documents.document_id,
                found.reference_key,
                found.documents_named,
                found.pool_documents_named,
                row_number() over (
                    partition by found.payment_number, found.document_number
                    order by
                        coalesce(found.pool_documents_named, found.documents_named),
                        found.documents_named,
                        length(found.reference_key) desc,
                        found.reference_key,
                        coalesce(found.pool_documents_named, 1000)
                ) as choice
            from found
            inner join payments on found.payment_number = payments.payment_number
            inner join documents on found.document_number = documents.document_number
            cross join settings
            where {{ is_near_in_time("payments.use", "documents.day", "payments.day") }}
        )

    select payment_id, document_id, reference_key, documents_named, pool_documents_named
    from ranked
    where choice = 1
    {% if tells_missing %}
        union all
        select
            payment_id,
            cast(null as string) as document_id,
            cast(null as string) as reference_key,
            cast(null as bigint) as documents_named,
            cast(null as bigint) as pool_documents_named
        from naming_others
    {% endif %}
{% endmacro %}
