{# A JSON object of the members that are not null, in their order. Members are (name, value, `text` or `figure`). #}
{% macro json_object(members) -%}
    concat(
        '{',
        concat_ws(
            ',',
            {%- for name, value, kind in members %}
                {%- if kind == "text" %}
                    case
                        when {{ value }} is not null
                        then
                            concat(
                                '"{{ name }}":"',
                                replace(
                                    replace(
                                        translate({{ value }}, concat(chr(9), chr(10), chr(13)), '   '),
                                        chr(92),
                                        concat(chr(92), chr(92))
                                    ),
                                    chr(34),
                                    concat(chr(92), chr(34))
                                ),
                                '"'
                            )
                    end
                {%- else %}
                    case
                        when {{ value }} is not null then concat('"{{ name }}":', cast({{ value }} as string))
                    end
                {%- endif %}
                {{- "," if not loop.last }}
            {%- endfor %}
        ),
        '}'
    )
{%- endmacro %}
