{#
  Which documents a payment's text names: a row per payment and document, with the key that says most.

  `documents_named` is the document frequency of the key in the block: 1 names the document, 20 name a year. It is
  counted again among the documents of one party, where the payer is known.
#}
{% macro named_documents(payments, documents) %}
    with
        payments as (
            select block_id, payment_id, reference_text from {{ payments }} where reference_text <> ''
        ),

        documents as (
            select block_id, coalesce(party_id, '') as party_id, document_id, reference_text
            from {{ documents }}
            where reference_text <> ''
        ),

        {{ joined_words("payments", "block_id, payment_id", "reference_text") }},

        {{ joined_words("documents", "block_id, party_id, document_id", "reference_text") }},

        payment_keys as ({{ reference_keys("payments", "block_id, payment_id") }}),

        document_keys as ({{ reference_keys("documents", "block_id, party_id, document_id") }}),

        party_frequencies as (
            select block_id, party_id, reference_key, count(*) as party_documents_named
            from document_keys
            group by block_id, party_id, reference_key
        ),

        frequencies as (
            select block_id, reference_key, cast(sum(party_documents_named) as bigint) as documents_named
            from party_frequencies
            group by block_id, reference_key
        ),

        quoted as (
            select
                payment_keys.block_id,
                payment_keys.payment_id,
                payment_keys.reference_key,
                payment_keys.is_bare,
                frequencies.documents_named,
                count(*) over (
                    partition by payment_keys.block_id, payment_keys.reference_key
                ) as payments_naming
            from payment_keys
            inner join
                frequencies
                on payment_keys.block_id = frequencies.block_id
                and payment_keys.reference_key = frequencies.reference_key
            where frequencies.documents_named <= {{ var("most_documents_named") }}
        ),

        ranked as (
            select
                quoted.payment_id,
                document_keys.document_id,
                quoted.reference_key,
                quoted.documents_named,
                quoted.payments_naming,
                party_frequencies.party_documents_named,
                row_number() over (
                    partition by quoted.payment_id, document_keys.document_id
                    order by
                        quoted.documents_named,
                        party_frequencies.party_documents_named,
                        length(quoted.reference_key) desc,
                        quoted.reference_key
                ) as choice
            from quoted
            inner join
                document_keys
                on quoted.block_id = document_keys.block_id
                and quoted.reference_key = document_keys.reference_key
                and quoted.is_bare + document_keys.is_bare > 0
            inner join
                party_frequencies
                on document_keys.block_id = party_frequencies.block_id
                and document_keys.party_id = party_frequencies.party_id
                and document_keys.reference_key = party_frequencies.reference_key
        )

    select payment_id, document_id, reference_key, documents_named, payments_naming, party_documents_named
    from ranked
    where choice = 1
{% endmacro %}
