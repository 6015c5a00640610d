{#
  Payment terms as people write them, in one shape: lower case, French words turned into `eom`, fillers dropped.
  `30`, `30 net`, `30 jours`, `45 EOM`, `45 jours fin de mois`, `EOM 45`, `fin de mois 45`, `30 EOM 10`,
  `30 fin de mois le 10`. A discount (`2/10 net 30`) is left out: what remains says when the whole is due.
#}
{% macro plain_terms(terms) -%}
    {%- set lowered = replace_all(first_terms(terms), discount_pattern(), "' '") -%}
    {%- set at_once = replace_all(
        lowered,
        "'(comptant|immédiat|immediate|cash|(à |a |on )?(réception|reception|receipt))'",
        "' 0 '",
    ) -%}
    {%- set month_end = replace_all(at_once, "'fin de mois|end of month|f[.]?d[.]?m[.]?'", "' eom '") -%}
    {%- set bare = replace_all(
        month_end,
        "'à |(jours?|jrs?|days?|j|d)\\b|\\b(nets?|le|on|the|de facture)\\b|\\bn|[.,+/]'",
        "' '",
    ) -%}
    trim({{ replace_all(bare, "' +'", "' '") }})
{%- endmacro %}

{# Of several terms the first, in lower case. #}
{% macro first_terms(terms) -%} lower(split_part({{ terms }}, '|', 1)){%- endmacro %}

{#
  The discount among payment terms, percent and days captured: `2/10`, `2% 10 jours`, `escompte de 1,5 % sous 8 jours`.
  Below ten per cent: `30/60` speaks of two dates, and `50 % 30 jours` of a half.
#}
{% macro discount_pattern() -%}
    {%- set percent = "(?:escompte (?:de )?|discount (?:of )?)?([0-9](?:[.,][0-9]{1,2})?) ?[%/] ?" -%}
    {%- set condition = (
        "(?:(?:d.escompte|escompte|discount|si paiement|if paid|à|sous|dans|within|in) ?)*"
    ) -%}
    {%- set days = "([0-9]{1,3})(?: ?(?:jours?|jrs?|days?|j|d))?" -%}
    '(?:^|[^0-9.,]){{ percent }}{{ condition }}{{ days }}'
{%- endmacro %}

{# The per cent that may be kept back when paid early; null where the terms know no discount, or cannot be read. #}
{% macro discount_percent_under_terms(terms) -%}
    {{ discount_under_terms(terms, 1, "decimal(5, 2)") }}
{%- endmacro %}

{# How many days after the document it may be kept back. #}
{% macro discount_days_under_terms(terms) -%} {{ discount_under_terms(terms, 2, "integer") }} {%- endmacro %}

{% macro discount_under_terms(terms, group, type) -%}
    {%- set figure = capture(first_terms(terms), discount_pattern(), group) -%}
    case
        when {{ due_date_under_terms("date '2025-01-15'", plain_terms(terms)) }} is not null
        then try_cast(nullif(replace({{ figure }}, ',', '.'), '') as {{ type }})
    end
{%- endmacro %}

{#
  The due date of a document under plain terms; null where they cannot be read.
  N: N days. N EOM: N days, then end of month. EOM N: end of month, then N days. N EOM M: N days, end of month, M days.
#}
{% macro due_date_under_terms(document_date, terms) -%}
    {%- set first_number = (
        "try_cast(nullif(" ~ capture(terms, "'^([0-9]{1,3})'", 1) ~ ", '') as integer)"
    ) -%}
    {%- set last_number = (
        "try_cast(nullif(" ~ capture(terms, "'eom ([0-9]{1,3})$'", 1) ~ ", '') as integer)"
    ) -%}
    case
        when {{ matches(terms, "'^[0-9]{1,3}$'") }}
        then {{ plus_days(document_date, first_number) }}
        when {{ matches(terms, "'^[0-9]{0,3} ?eom( [0-9]{1,3})?$'") }}
        then
            {{
                plus_days(
                    "last_day(" ~ plus_days(document_date, "coalesce(" ~ first_number ~ ", 0)") ~ ")",
                    "coalesce(" ~ last_number ~ ", 0)",
                )
            }}
    end
{%- endmacro %}
