{#
  What a payment's text and a document's number have in common.

  A text is made plain (capitals, no accents, letters and digits only) and cut into words. A key is what people quote of
  a document's number: a word with a digit, the digits at its end, and two or three neighbours joined, since
  `FA2025-000186`, `FA 2025 000186` and `2025/000186` are one number. Zeros in front of digits count for nothing. `#86` is
  the number that `invoice 86` says; it means something only where the customer is known. A year names no document, nor
  does a series of a year (`FA2025`).
#}
{% macro plain_text(text) -%}
    trim(
        {{
            replace_all(
                without_accents(
                    "replace(replace(replace(upper(" ~ text ~ "), '#', ' N '), 'Œ', 'OE'), 'Æ', 'AE')"
                ),
                "'[^A-Z0-9]+'",
                "' '",
            )
        }}
    )
{%- endmacro %}

{# Plain texts one after the other; empty where there is none. #}
{% macro plain_texts(texts) -%}
    concat_ws(' '{% for text in texts %}, nullif({{ text }}, ''){% endfor %})
{%- endmacro %}

{# The series of a document's number, what stands before the last figures: `FA2025` of FA2025-000186; else empty. #}
{% macro series_of(document_ref) -%}
    {{ capture(plain_text(document_ref), "'^([A-Z][A-Z0-9]*) [0-9]+$'", 1) }}
{%- endmacro %}

{#
  A payment's own number, plain, in one word where it is of a series: `VIR2025-000148` says nothing of `FA2025-000148`,
  though customers quote that as 148. What a word for invoice begins quotes an invoice.
#}
{% macro own_number(document_ref) -%}
    case
        when
            {{ matches(plain_text(document_ref), "'^([A-Z]+ [0-9]+|[A-Z][A-Z0-9]*) [0-9]+$'") }}
            and not {{ matches(capture(plain_text(document_ref), "'^([A-Z]+) '", 1), invoice_words()) }}
        then replace({{ plain_text(document_ref) }}, ' ', '')
        else {{ plain_text(document_ref) }}
    end
{%- endmacro %}

{# What stands before the number of an invoice, in French and English. #}
{% macro invoice_words() -%}
    '^(N|NO|NR|NUM|NUMERO|F|FA|FAC|FACT|FACTURE|FACTURES|INV|INVOICE|INVOICES|BILL)$'
{%- endmacro %}

{#
  A select of `key`, reference_key and is_bare, each pair once, from the words of `quotable_words`; with `quoted`, of the
  keys of that select of blocks and keys only. A key is bare where it was written as it stands; digits that stood behind
  letters are not, since FA0101 and VIR0101 are two numbers.
#}
{% macro reference_keys(words, key, quoted=none) %}
    select {{ key }}, reference_key, max(is_bare) as is_bare
    from
        (
            select
                {{ key }},
                1 as is_bare,
                case
                    when {{ matches("word", "'^[A-Z]*[0-9]+$'") }}
                    then concat({{ capture("word", "'^([A-Z]*)'", 1) }}, figures)
                    else word
                end as reference_key
            from {{ words }}
            union all
            select {{ key }}, 0 as is_bare, figures as reference_key
            from {{ words }}
            where {{ matches("word", "'[A-Z][0-9]+$'") }}
            union all
            select {{ key }}, 1 as is_bare, concat('#', figures) as reference_key
            from {{ words }}
            where is_number
        ) as quoted_keys
    where
        (length(reference_key) >= 3 or reference_key like '#%')
        and not {{ matches("reference_key", "'^[A-Z]*(19|20)[0-9][0-9]$'") }}
        {%- if quoted %} and (block_number, reference_key) in {{ quoted }} {%- endif %}
    group by {{ key }}, reference_key
{% endmacro %}

{#
  A select of the words of `words_with_figures`, and of neighbours joined to such a word, with the figures at their end
  (without zeros in front) and whether that is what a word for invoice (`FACTURE 86`) or the end of a document's own
  number says is its number. With `has_numbers_told` the words have `words_of_number_before`: how many words before one
  belong to the same number, which is then not quoted without them.
#}
{% macro quotable_words(words, key, last_is_number=false, has_numbers_told=false) %}
    select {{ key }}, word, is_number, {{ capture("word", "'0*([0-9]+)$'", 1) }} as figures
    from
        (
            select {{ key }}, word, {{ "is_last" if last_is_number else "false" }} as is_number
            from {{ words }}
            {%- if has_numbers_told %} where words_of_number_before = 0 {%- endif %}
            union all
            select {{ key }}, concat(word_before, word) as word, false as is_number
            from {{ words }}
            where
                length(word_before) <= 10 and not {{ begins_next_number() }}
                {%- if has_numbers_told %} and words_of_number_before <= 1 {%- endif %}
            union all
            select {{ key }}, concat(second_before, word_before, word) as word, false as is_number
            from {{ words }}
            where
                length(second_before) <= 6
                and {{ matches("word_before", "'^[0-9]+$'") }}
                and not {{ begins_next_number() }}
            {%- if not last_is_number %}
                union all
                select {{ key }}, word, true as is_number
                from {{ words }}
                where {{ matches("word", "'^[0-9]+$'") }} and {{ matches("word_before", invoice_words()) }}
            {%- endif %}
        ) as joined
{% endmacro %}

{# Whether a word begins with letters behind a number of two words: the second FA2026 of `FA2026 000117 FA2026 000120`. #}
{% macro begins_next_number() -%}
    coalesce(
        {{ matches("word", "'^[A-Z]'") }}
        and {{ matches("word_before", "'^[0-9]+$'") }}
        and {{ matches("second_before", "'^[A-Z]+[0-9]+$'") }},
        false
    )
{%- endmacro %}

{# A select of the words of a text that end in a digit, with the two words before each and whether it is the last. #}
{% macro words_with_figures(relation, key, text) %}
    select {{ key }}, word, word_before, second_before, is_last
    from ({{ neighbours_of(relation, key, text) }}) as neighbours
    where {{ matches("word", "'[0-9]$'") }}
{% endmacro %}
