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

{# A text of capitals without their accents. #}
{% macro without_accents(text) %} {{ return(adapter.dispatch("without_accents")(text)) }}{% endmacro %}
{% macro default__without_accents(text) %} strip_accents({{ text }}){% endmacro %}
{% macro spark__without_accents(text) %}
    translate(
        {{ text }},
        'ÀÁÂÃÄÅĀĂĄÇĆĈĊČĎÈÉÊËĒĔĖĘĚĜĞĠĢĤÌÍÎÏĨĪĬĮİĴĶĹĻĽÑŃŅŇÒÓÔÕÖŌŎŐŔŖŘŚŜŞŠŢŤÙÚÛÜŨŪŬŮŰŲŴÝŶŸŹŻŽ',
        'AAAAAAAAACCCCCDEEEEEEEEEGGGGHIIIIIIIIIJKLLLNNNNOOOOOOOORRRSSSSTTUUUUUUUUUUWYYYZZZ'
    )
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

{# A select: a row per word of a text of words between single blanks, with its position. #}
{% macro words_of(relation, key, text) %}
    {{ return(adapter.dispatch("words_of")(relation, key, text)) }}
{% endmacro %}
{% macro default__words_of(relation, key, text) %}
    select
        {{ key }},
        unnest(string_split({{ text }}, ' ')) as word,
        generate_subscripts(string_split({{ text }}, ' '), 1) as position
    from {{ relation }}
{% endmacro %}
{% macro spark__words_of(relation, key, text) %}
    select {{ key }}, word, position
    from {{ relation }}
    lateral view posexplode(split({{ text }}, ' ')) as position, word
{% endmacro %}

{# An aggregate: the texts of a group, joined by a blank; in no order that counts. #}
{% macro gathered_texts(value) %} {{ return(adapter.dispatch("gathered_texts")(value)) }}{% endmacro %}
{% macro default__gathered_texts(value) %} array_to_string(list_sort(list({{ value }})), ' '){% endmacro %}
{% macro spark__gathered_texts(value) %} array_join(array_sort(collect_list({{ value }})), ' '){% endmacro %}

{# An aggregate: the list of the distinct values. #}
{% macro distinct_list(value) %} {{ return(adapter.dispatch("distinct_list")(value)) }}{% endmacro %}
{% macro default__distinct_list(value) %} list(distinct {{ value }}){% endmacro %}
{% macro spark__distinct_list(value) %} collect_set({{ value }}){% endmacro %}

{# How many elements two lists of distinct values share; 0 where one is null. #}
{% macro shared_count(first, second) %}
    {{ return(adapter.dispatch("shared_count")(first, second)) }}
{% endmacro %}
{% macro default__shared_count(first, second) %}
    coalesce(len(list_intersect({{ first }}, {{ second }})), 0)
{% endmacro %}
{% macro spark__shared_count(first, second) %}
    coalesce(size(array_intersect({{ first }}, {{ second }})), 0)
{% endmacro %}

{# How many elements a list has; 0 where it is null. #}
{% macro length_of_list(list) %} {{ return(adapter.dispatch("length_of_list")(list)) }}{% endmacro %}
{% macro default__length_of_list(list) %} coalesce(len({{ list }}), 0){% endmacro %}
{% macro spark__length_of_list(list) %} coalesce(size({{ list }}), 0){% endmacro %}

{# An aggregate: the texts in the order of another column, joined by a comma. #}
{% macro listed_texts(value, ordering) %}
    {{ return(adapter.dispatch("listed_texts")(value, ordering)) }}
{% endmacro %}
{% macro default__listed_texts(value, ordering) %}
    string_agg({{ value }}, ',' order by {{ ordering }})
{% endmacro %}
{% macro spark__listed_texts(value, ordering) %}
    array_join(array_sort(collect_list(struct({{ ordering }} as place, {{ value }} as text))).text, ',')
{% endmacro %}

{# How many times one figure that is no money is in another. #}
{% macro ratio(part, whole) -%} cast({{ part }} as decimal(18, 9)) / {{ whole }}{%- endmacro %}

{# An aggregate: the texts of a group one after the other, in the order of a column. #}
{% macro joined_in_order(value, ordering) %}
    {{ return(adapter.dispatch("joined_in_order")(value, ordering)) }}
{% endmacro %}
{% macro default__joined_in_order(value, ordering) %}
    array_to_string(
        list_transform(list_sort(list({'place':{{ ordering }}, 'text':{{ value }}})), lambda pair:pair.text),
        ''
    )
{% endmacro %}
{% macro spark__joined_in_order(value, ordering) %}
    array_join(
        transform(array_sort(collect_list(struct({{ ordering }}, {{ value }}))), pair -> pair.col2), ''
    )
{% endmacro %}

{# A select: a row per word of a text of words between single blanks, with the two words before it and whether it is the
   last; where `word` is null, it is none. #}
{% macro neighbours_of(relation, key, text) %}
    {{ return(adapter.dispatch("neighbours_of")(relation, key, text)) }}
{% endmacro %}
{% macro default__neighbours_of(relation, key, text) %}
    select
        {{ key }},
        unnest(words) as word,
        unnest(list_resize(list_prepend(null, words), len(words))) as word_before,
        unnest(list_resize(list_prepend(null, list_prepend(null, words)), len(words))) as second_before,
        generate_subscripts(words, 1) = len(words) as is_last
    from (select {{ key }}, string_split({{ text }}, ' ') as words from {{ relation }}) as texts
{% endmacro %}
{% macro spark__neighbours_of(relation, key, text) %}
    select
        {{ key }},
        word,
        get(words, position - 1) as word_before,
        get(words, position - 2) as second_before,
        position + 1 = size(words) as is_last
    from (select {{ key }}, split({{ text }}, ' ') as words from {{ relation }}) as texts
    lateral view posexplode(words) as position, word
{% endmacro %}
