{#
  What differs between engines stands here and nowhere else. DuckDB is the default; each macro that Spark spells
  otherwise has a spark__ version.
#}
{# Whole days from one date to a later one. #}
{% macro days_between(earlier, later) %}
    {{ return(adapter.dispatch("days_between")(earlier, later)) }}
{% endmacro %}
{% macro default__days_between(earlier, later) %}
    cast(date_diff('day', {{ earlier }}, {{ later }}) as integer)
{% endmacro %}
{% macro spark__days_between(earlier, later) %} datediff({{ later }}, {{ earlier }}){% endmacro %}

{# The date some days after another. #}
{% macro plus_days(day, days) %} {{ return(adapter.dispatch("plus_days")(day, days)) }}{% endmacro %}
{% macro default__plus_days(day, days) %} ({{ day }} + cast({{ days }} as integer)){% endmacro %}
{% macro spark__plus_days(day, days) %} date_add({{ day }}, cast({{ days }} as int)){% endmacro %}

{# The date some months after another, clipped to the end of the month. #}
{% macro plus_months(day, months) %} {{ return(adapter.dispatch("plus_months")(day, months)) }}{% endmacro %}
{% macro default__plus_months(day, months) %} cast({{ day }} + to_months({{ months }}) as date){% endmacro %}
{% macro spark__plus_months(day, months) %} add_months({{ day }}, {{ months }}){% endmacro %}

{# True where the text holds a match of the regular expression (RE2 and Java agree on what is used here). #}
{% macro matches(text, pattern) %} {{ return(adapter.dispatch("matches")(text, pattern)) }}{% endmacro %}
{% macro default__matches(text, pattern) %} regexp_matches({{ text }}, {{ pattern }}){% endmacro %}
{% macro spark__matches(text, pattern) %}({{ text }} rlike {{ pattern }}){% endmacro %}

{# One capture group of the first match; an empty text where nothing matches. #}
{% macro capture(text, pattern, group) %}
    {{ return(adapter.dispatch("capture")(text, pattern, group)) }}
{% endmacro %}
{% macro default__capture(text, pattern, group) %}
    regexp_extract({{ text }}, {{ pattern }}, {{ group }})
{% endmacro %}
{% macro spark__capture(text, pattern, group) %}
    regexp_extract({{ text }}, {{ pattern }}, {{ group }})
{% endmacro %}

{# Every match replaced. #}
{% macro replace_all(text, pattern, replacement) %}
    {{ return(adapter.dispatch("replace_all")(text, pattern, replacement)) }}
{% endmacro %}
{% macro default__replace_all(text, pattern, replacement) %}
    regexp_replace({{ text }}, {{ pattern }}, {{ replacement }}, 'g')
{% endmacro %}
{% macro spark__replace_all(text, pattern, replacement) %}
    regexp_replace({{ text }}, {{ pattern }}, {{ replacement }})
{% endmacro %}

{# A table function of one column `day`: every date of a range, both ends included. #}
{% macro days_from(first_day, last_day) %}
    {{ return(adapter.dispatch("days_from")(first_day, last_day)) }}
{% endmacro %}
{% macro default__days_from(first_day, last_day) %}
    (select cast(unnest(generate_series({{ first_day }}, {{ last_day }}, interval 1 day)) as date) as day)
{% endmacro %}
{% macro spark__days_from(first_day, last_day) %}
    (select explode(sequence({{ first_day }}, {{ last_day }}, interval 1 day)) as day)
{% endmacro %}

{# A text with `!` as `!!` and `|` as `!p`. Few texts hold either, and looking costs far less than replacing. #}
{% macro escaped(text) -%}
    case
        when {{ text }} like '%!%' or {{ text }} like '%|%'
        then replace(replace({{ text }}, '!', '!!'), '|', '!p')
        else {{ text }}
    end
{%- endmacro %}

{# A stable id from columns: the MD5 of their texts. Within a text `!` and `|` are written `!!` and `!p`, and a null is
   `!n`, so that no two rows of different texts join to the same one. #}
{% macro stable_id(columns) -%}
    md5(
        concat_ws(
            '|',
            {%- for column in columns %}
                coalesce({{ escaped("cast(" ~ column ~ " as string)") }}, '!n') {{- "," if not loop.last }}
            {%- endfor %}
        )
    )
{%- endmacro %}

{# An aggregate: the value of the row whose ordering column is greatest. #}
{% macro latest_value(value, ordering) %}
    {{ return(adapter.dispatch("latest_value")(value, ordering)) }}
{% endmacro %}
{% macro default__latest_value(value, ordering) %} arg_max({{ value }}, {{ ordering }}){% endmacro %}
{% macro spark__latest_value(value, ordering) %} max_by({{ value }}, {{ ordering }}){% endmacro %}

{# An aggregate: the distinct values in order, joined by a comma. #}
{% macro joined_texts(value) %} {{ return(adapter.dispatch("joined_texts")(value)) }}{% endmacro %}
{% macro default__joined_texts(value) %}
    string_agg(distinct {{ value }}, ', ' order by {{ value }})
{% endmacro %}
{% macro spark__joined_texts(value) %} array_join(array_sort(collect_set({{ value }})), ', '){% endmacro %}

{# A part's share of a total, in proportion to a whole, to the nearest cent: all positive, in whole numbers only. #}
{% macro share_of(total, part, whole) %}
    {{ return(adapter.dispatch("share_of")(total, part, whole)) }}
{% endmacro %}
{% macro default__share_of(total, part, whole) %}
    cast(
        cast(
            divide(
                2 * cast({{ total }} * 100 as hugeint) * cast({{ part }} * 100 as hugeint)
                + cast({{ whole }} * 100 as hugeint),
                2 * cast({{ whole }} * 100 as hugeint)
            ) as decimal(18, 0)
        )
        * cast(0.01 as decimal(3, 2)) as decimal(18, 2)
    )
{% endmacro %}
{% macro spark__share_of(total, part, whole) %}
    cast(
        cast(
            (
                2 * cast({{ total }} * 100 as decimal(38, 0)) * cast({{ part }} * 100 as decimal(19, 0))
                + cast({{ whole }} * 100 as decimal(19, 0))
            )
            div(2 * cast({{ whole }} * 100 as decimal(19, 0))) as decimal(18, 0)
        )
        * cast(0.01 as decimal(3, 2)) as decimal(18, 2)
    )
{% endmacro %}

{# The type of a moment in UTC. #}
{% macro moment_type() %} {{ return(adapter.dispatch("moment_type")()) }}{% endmacro %}
{% macro default__moment_type() %} timestamp with time zone{% endmacro %}
{% macro spark__moment_type() %} timestamp{% endmacro %}

{# A row per element of a list, as the only such column of a select; no row where the list is empty. #}
{% macro each_of(list) %} {{ return(adapter.dispatch("each_of")(list)) }}{% endmacro %}
{% macro default__each_of(list) %} unnest({{ list }}){% endmacro %}
{% macro spark__each_of(list) %} explode({{ list }}){% endmacro %}

{# The list of the texts between bars. #}
{% macro between_bars(text) %} {{ return(adapter.dispatch("between_bars")(text)) }}{% endmacro %}
{% macro default__between_bars(text) %} string_split({{ text }}, '|'){% endmacro %}
{% macro spark__between_bars(text) %} split({{ text }}, '[|]'){% endmacro %}
