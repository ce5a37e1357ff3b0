{#-
  A query for the time at which a source's newest row was loaded. Null, which dbt takes for very long
  ago, where there is no table or the loader writes no such time.
-#}
{% macro newest_load(source) -%}
  {#- Not by way of dbt's cache: this command does not fill it before its threads begin, and one of
      them may see what another has half filled. -#}
  {%- set loaded = {} -%}
  {%- for column in adapter.get_columns_in_relation(source) -%}
    {%- do loaded.update({column.name: column}) -%}
  {%- endfor -%}
  {%- set times = frontline_taps.loading_times(loaded) -%}
  {%- if times -%}
    select max({{ frontline_taps.selected(loaded, times[0].name, 'timestamp') }}) from {{ source }}
  {%- else -%}
    select cast(null as {{ frontline_taps.type_name('timestamp') }})
  {%- endif -%}
{%- endmacro %}
