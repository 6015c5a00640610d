{#
  Payment terms as people write them, in one shape: lower case, French words turned into `eom`, fillers dropped.
  `30`, `30 net`, `30 jours`, `45 EOM`, `45 jours fin de mois`, `EOM 45`, `fin de mois 45`, `30 EOM 10`,
  `30 fin de mois le 10`.
#}
{% macro plain_terms(terms) -%}
    {%- set lowered = "lower(split_part(" ~ terms ~ ", '|', 1))" -%}
    {%- set at_once = replace_all(
        lowered,
        "'(comptant|immédiat|immediate|cash|(à |a |on )?(réception|reception|receipt))'",
        "' 0 '",
    ) -%}
    {%- set month_end = replace_all(at_once, "'fin de mois|end of month|f[.]?d[.]?m[.]?'", "' eom '") -%}
    {%- set bare = replace_all(
        month_end,
        "'à |(jours?|jrs?|days?|j|d)\\b|\\b(nets?|le|on|the|de facture)\\b|[.,+]'",
        "' '",
    ) -%}
    trim({{ replace_all(bare, "' +'", "' '") }})
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
