{# A view in a database that each run makes from nothing: see table.sql. #}
{% materialization view, adapter = "duckdb" %}
    {% set view = this.incorporate(type="view") %}
    {% do drop_relation_if_exists(load_cached_relation(this)) %}
    {% call statement("main") %} {{ get_create_view_as_sql(view, sql) }} {% endcall %}
    {% do adapter.commit() %}
    {{ return({"relations": [view]}) }}
{% endmaterialization %}
