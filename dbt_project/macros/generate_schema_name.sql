{# Schemas are what the folders say, without the target's prefix: BI tools read `marts`. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
