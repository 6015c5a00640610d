{#
  What the documents' own numbers look like, and what a payment's text says by a number of their kind: `FA2025-000186` is
  FA and ten figures. Of such a number the end alone names nothing, and one that no document has names another document,
  which is settled or not there.
#}
{# CTEs `document_numbers`, the plain numbers of a relation with block_id, pool_id, document_ref and is_money_back, and
   `number_kinds`, their letters and lengths. #}
{% macro document_numbers(documents, pools) %}
    document_numbers as (
        select distinct pools.block_number, documents.document_plain
        from
            (
                select
                    block_id,
                    pool_id,
                    {{ replace_all("upper(document_ref)", "'[^A-Z0-9]+'", "''") }} as document_plain
                from {{ documents }} as documents
                where not coalesce(is_money_back, false)
            ) as documents
        inner join
            {{ pools }} as pools on documents.block_id = pools.block_id and documents.pool_id = pools.pool_id
        where {{ matches("documents.document_plain", "'^[A-Z]+[0-9]{3,}$'") }}
    ),

    number_kinds as (
        select distinct
            block_number,
            {{ capture("document_plain", "'^([A-Z]+)'", 1) }} as letters,
            length(document_plain) as number_length
        from document_numbers
    )
{% endmacro %}

{#
  A select of `words_with_figures`, with how many words before each belong to the same number of a document's kind:
  `FA2026-000186` is not the 186 of FA2025-000186.
#}
{% macro figures_of_numbers(relation, key, text) %}
    select
        figures.*,
        case
            when of_three.letters is not null then 2 when of_two.letters is not null then 1 else 0
        end as words_of_number_before
    from ({{ words_with_figures(relation, key, text) }}) as figures
    left join
        number_kinds as of_two
        on figures.block_number = of_two.block_number
        and length(figures.word_before) <= 10
        and {{ capture("concat(figures.word_before, figures.word)", "'^([A-Z]+)[0-9]+$'", 1) }}
        = of_two.letters
        and length(figures.word_before) + length(figures.word) = of_two.number_length
    left join
        number_kinds as of_three
        on figures.block_number = of_three.block_number
        and length(figures.second_before) <= 6
        and {{ matches("figures.word_before", "'^[0-9]+$'") }}
        and {{
            capture(
                "concat(figures.second_before, figures.word_before, figures.word)", "'^([A-Z]+)[0-9]+$'", 1
            )
        }} = of_three.letters
        and length(figures.second_before) + length(figures.word_before) + length(figures.word)
        = of_three.number_length
{% endmacro %}

{# CTE `naming_others`: the payments whose words hold a number of the documents' kind that none of them has. #}
{% macro naming_others(payment_words, payments) %}
    numbers_quoted as (
        select
            block_number,
            payment_number,
            word,
            {{ capture("word", "'^([A-Z]+)'", 1) }} as letters,
            length(word) as number_length
        from {{ payment_words }} as payment_words
        where {{ matches("word", "'^[A-Z]+[0-9]{3,}$'") }}
    ),

    naming_others as (
        select distinct payments.payment_id
        from numbers_quoted as quoted
        inner join
            number_kinds
            on quoted.block_number = number_kinds.block_number
            and quoted.letters = number_kinds.letters
            and quoted.number_length = number_kinds.number_length
        inner join {{ payments }} as payments on quoted.payment_number = payments.payment_number
        left join
            document_numbers
            on quoted.block_number = document_numbers.block_number
            and quoted.word = document_numbers.document_plain
        where document_numbers.document_plain is null
    )
{% endmacro %}
