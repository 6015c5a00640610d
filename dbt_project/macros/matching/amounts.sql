{# An amount of two decimals in minor units. #}
{% macro minor_units(amount) -%} cast(round({{ amount }} * 100) as bigint){%- endmacro %}

{# Minor units as an amount of two decimals. #}
{% macro major_units(amount) -%}
    cast(cast({{ amount }} as decimal(18, 0)) * cast(0.01 as decimal(3, 2)) as decimal(18, 2))
{%- endmacro %}

{# A per cent of an amount, in minor units. #}
{% macro discount_minor_units(amount, percent) -%}
    cast(round({{ amount }} * {{ percent }}) as bigint)
{%- endmacro %}
