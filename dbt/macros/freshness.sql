{#-
  A query for the time at which a source's newest row was loaded. Null, which dbt takes for very long
  ago, where there is no table or the loader writes no such time.
-#}
{% macro newest_load(source) -%}
  {%- set loaded = frontline_taps.loaded_columns(source) -%}
  {%- set times = frontline_taps.loading_times(loaded) -%}
  {%- if times -%}
    select max({{ frontline_taps.selected(loaded, times[0].name, 'timestamp') }}) from {{ source }}
  {%- else -%}
    select cast(null as {{ frontline_taps.type_name('timestamp') }})
  {%- endif -%}
{%- endmacro %}
