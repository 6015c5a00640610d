{# What an account takes of a company's amount: its stretch, from .. until, of a whole, to the cent. The stretches of all
   accounts join, and so the parts add up to the amount. 0 where the account takes part in nothing. #}
{% macro allotted(amount, from, until, whole) -%}
    coalesce(
        {{ share_of("coalesce(" ~ amount ~ ", 0)", until, whole) }}
        - {{ share_of("coalesce(" ~ amount ~ ", 0)", from, whole) }},
        0
    )
{%- endmacro %}
