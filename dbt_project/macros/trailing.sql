{# The day before a period of whole months that ends on a date: the period begins with a first of the month. #}
{% macro before_months(day, months) -%} last_day({{ plus_months(day, -months) }}) {%- endmacro %}

{# A sum per unit of weight to the hundredth, of either sign; null where nothing weighs. #}
{% macro mean_of(total, weight) -%}
    case
        when {{ weight }} > 0
        then cast(sign({{ total }}) * {{ share_of("1", "abs(" ~ total ~ ")", weight) }} as decimal(18, 2))
    end
{%- endmacro %}

{# A part of a whole, 0 to 1 to the ten-thousandth; null where the whole is nothing. #}
{% macro portion_of(part, whole) -%}
    case
        when {{ whole }} > 0
        then cast({{ share_of("100", part, whole) }} * cast(0.01 as decimal(3, 2)) as decimal(9, 4))
    end
{%- endmacro %}
