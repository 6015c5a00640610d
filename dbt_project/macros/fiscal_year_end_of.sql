{# The last day of the fiscal year that holds a date, for years that end on a given MM-DD. #}
{% macro fiscal_year_end_of(day, month_day) -%}
    {%- set closing = (
        "last_day(cast(concat(cast(year("
        ~ day
        ~ ") as string), '-', substr("
        ~ month_day
        ~ ", 1, 2), '-01') as date))"
    ) -%}
    {%- set dated = "cast(concat(cast(year(" ~ day ~ ") as string), '-', " ~ month_day ~ ") as date)" -%}
    {#- 29 February is the last day of February in every year. -#}
    {%- set this_year = (
        "(case when "
        ~ month_day
        ~ " in ('02-28', '02-29') then "
        ~ closing
        ~ " else "
        ~ dated
        ~ " end)"
    ) -%}
    case when {{ day }} <= {{ this_year }} then {{ this_year }} else {{ plus_months(this_year, 12) }} end
{%- endmacro %}
