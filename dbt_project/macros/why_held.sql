{# Why an export is held, in words: half a sentence in French or English, of a row of int_files__ledger_exports_ranked. #}
{% macro why_held(exports, language) -%}
    {%- set words = {
        "fr": {
            "against": " lignes par rapport à ",
            "ends": "il s''arrête au ",
            "before": ", avant ",
        },
        "en": {"against": " lines against ", "ends": "it ends on ", "before": ", before "},
    }[language] -%}
    case
        when {{ exports }}.held_because = 'shrinks'
        then
            concat(
                cast({{ exports }}.compared_rows as string),
                ' → ',
                cast({{ exports }}.rows_landed as string),
                '{{ words.against }}',
                {{ exports }}.compared_file
            )
        else
            concat(
                '{{ words.ends }}',
                cast({{ exports }}.period_end as string),
                '{{ words.before }}',
                {{ exports }}.compared_file,
                ' (',
                cast({{ exports }}.compared_period_end as string),
                ')'
            )
    end
{%- endmacro %}
