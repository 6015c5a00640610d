{#
  What a payment's text and a document's number have in common.

  A text is made plain (capitals, no accents, letters and digits only) and cut into words; between two fields of a text a
  bar keeps the last word of the one and the first of the other apart. A key is what people quote of
  a document's number: a word with a digit, the digits at its end, and two or three neighbours joined, since
  `FA2025-000186`, `FA 2025 000186` and `2025/000186` are one number. Zeros in front of digits count for nothing. `#86` is
  the number that `invoice 86` says; it means something only where the customer is known. A year names no document, nor
  does a series of a year (`FA2025`).
#}
{% macro plain_text(text) -%}
    trim(
        {{
            replace_all(
                "translate(replace(replace(replace(upper("
                ~ text
                ~ "), '#', ' N '), 'Œ', 'OE'), 'Æ', 'AE'), 'ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝ', 'AAAAAACEEEEIIIINOOOOOUUUUY')",
                "'[^A-Z0-9]+'",
                "' '",
            )
        }}
    )
{%- endmacro %}

{# The series of a document's number, what stands before the last figures: `FA2025` of FA2025-000186; else empty. #}
{% macro series_of(document_ref) -%}
    {{ capture(plain_text(document_ref), "'^([A-Z][A-Z0-9]*) [0-9]+$'", 1) }}
{%- endmacro %}

{#
  A select of `key`, reference_key and is_bare, each pair once, from the CTEs of `joined_words`. A key is bare where it
  was written as it stands; digits that stood behind letters are not, since FA0101 and VIR0101 are two numbers. Where a
  relation of `wanted` keys is given, of a block each, no others are kept.
#}
{% macro reference_keys(relation, key, wanted=none) %}
    select {{ key }}, reference_key, max(is_bare) as is_bare
    from
        (
            select
                {{ key }},
                is_bare,
                case
                    when {{ matches("quoted", "'^[A-Z#]*[0-9]+$'") }}
                    then
                        concat(
                            {{ capture("quoted", "'^([A-Z#]*)'", 1) }},
                            {{ capture("quoted", "'^[A-Z#]*0*([0-9]+)$'", 1) }}
                        )
                    else quoted
                end as reference_key
            from
                (
                    select {{ key }}, word as quoted, 1 as is_bare
                    from joined_{{ relation }}
                    union all
                    select {{ key }}, {{ capture("word", "'[A-Z]([0-9]+)$'", 1) }} as quoted, 0 as is_bare
                    from joined_{{ relation }}
                ) as written
        ) as quoted_keys
    where
        (length(reference_key) >= 3 or reference_key like '#%')
        and {{ matches("reference_key", "'[0-9]'") }}
        and not {{ matches("reference_key", "'^[A-Z]*(19|20)[0-9][0-9]$'") }}
        {%- if wanted %}
            and (block_id, reference_key) in (select block_id, reference_key from {{ wanted }})
        {%- endif %}
    group by {{ key }}, reference_key
{% endmacro %}

{# CTEs that `reference_keys` reads: the words of a relation, and their neighbours joined. #}
{% macro joined_words(relation, key, text, last_is_number=false) %}
    neighbours_{{ relation }} as ({{ neighbours_of(relation, key, text) }}),

    joined_{{ relation }} as (
        select {{ key }}, word
        from neighbours_{{ relation }}
        where {{ matches("word", "'[0-9]$'") }}
        union all
        select {{ key }}, concat(word, second_word) as word
        from neighbours_{{ relation }}
        where {{ matches("second_word", "'[0-9]$'") }} and length(word) <= 10
        union all
        select {{ key }}, concat(word, second_word, third_word) as word
        from neighbours_{{ relation }}
        where
            {{ matches("third_word", "'[0-9]$'") }}
            and {{ matches("second_word", "'^[0-9]+$'") }}
            and length(word) <= 6
        union all
        {%- if last_is_number %}
            select {{ key }}, concat('#', {{ capture("word", "'([0-9]+)$'", 1) }}) as word
            from neighbours_{{ relation }}
            where second_word is null and {{ matches("word", "'[0-9]$'") }}
        {%- else %}
            select {{ key }}, concat('#', second_word) as word
            from neighbours_{{ relation }}
            where
                {{
                    matches(
                        "word",
                        "'^(N|NO|NR|NUM|NUMERO|F|FA|FAC|FACT|FACTURE|FACTURES|INV|INVOICE|INVOICES|BILL)$'",
                    )
                }} and {{ matches("second_word", "'^[0-9]+$'") }}
        {%- endif %}
    )
{% endmacro %}
