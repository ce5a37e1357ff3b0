{#- JSON, as each database reads it. -#}

{#- A text as JSON. -#}
{% macro parse_json(value) -%}
  {{ return(adapter.dispatch('parse_json', 'frontline_taps')(value)) }}
{%- endmacro %}

{% macro postgres__parse_json(value) -%}
  {{ return('cast(' ~ value ~ ' as jsonb)') }}
{%- endmacro %}

{% macro duckdb__parse_json(value) -%}
  {{ return('cast(' ~ value ~ ' as json)') }}
{%- endmacro %}


{#- An array or a struct of the database's own as JSON. -#}
{% macro to_json(value) -%}
  {{ return(adapter.dispatch('to_json', 'frontline_taps')(value)) }}
{%- endmacro %}

{% macro postgres__to_json(value) -%}
  {{ return('to_jsonb(' ~ value ~ ')') }}
{%- endmacro %}

{% macro duckdb__to_json(value) -%}
  {{ return('case when ' ~ value ~ ' is not null then to_json(' ~ value ~ ') end') }}
{%- endmacro %}


{#- Some loaders write JSON's null where there is nothing. -#}
{% macro without_json_null(value) -%}
  {{ return(adapter.dispatch('without_json_null', 'frontline_taps')(value)) }}
{%- endmacro %}

{% macro postgres__without_json_null(value) -%}
  {{ return("nullif(" ~ value ~ ", 'null'::jsonb)") }}
{%- endmacro %}

{% macro duckdb__without_json_null(value) -%}
  {{ return("case when json_type(" ~ value ~ ") <> 'NULL' then " ~ value ~ " end") }}
{%- endmacro %}


{#- A JSON string, number or boolean as text, without quotes. -#}
{% macro json_scalar(value) -%}
  {{ return(adapter.dispatch('json_scalar', 'frontline_taps')(value)) }}
{%- endmacro %}

{% macro postgres__json_scalar(value) -%}
  {{ return("(" ~ value ~ " #>> '{}')") }}
{%- endmacro %}

{% macro duckdb__json_scalar(value) -%}
  {{ return("json_extract_string(" ~ value ~ ", '$')") }}
{%- endmacro %}


{#-
  A member of a JSON object as text.

  Args:
    value: The object.
    path: Names from the outside in, such as ['derivedData', 'make'].
-#}
{% macro json_text(value, path) -%}
  {{ return(adapter.dispatch('json_text', 'frontline_taps')(value, path)) }}
{%- endmacro %}

{% macro postgres__json_text(value, path) -%}
  {%- set names = [] -%}
  {%- for name in path -%}
    {%- do names.append("'" ~ name | replace("'", "''") ~ "'") -%}
  {%- endfor -%}
  {{ return('jsonb_extract_path_text(' ~ value ~ ', ' ~ names | join(', ') ~ ')') }}
{%- endmacro %}

{% macro duckdb__json_text(value, path) -%}
  {%- set names = [] -%}
  {%- for name in path -%}
    {%- do names.append('."' ~ name | replace("'", "''") ~ '"') -%}
  {%- endfor -%}
  {{ return("json_extract_string(" ~ value ~ ", '$" ~ names | join('') ~ "')") }}
{%- endmacro %}


{#-
  Joins the items of a JSON list to its row: `from jobs {{ list_items('jobs.tags', 'tag') }}` has a
  row for each item, which is tag.value, as JSON.
-#}
{% macro list_items(value, alias) -%}
  {{ return(adapter.dispatch('list_items', 'frontline_taps')(value, alias)) }}
{%- endmacro %}

{% macro postgres__list_items(value, alias) -%}
  {{ return(
    "cross join lateral jsonb_array_elements("
    ~ "case when jsonb_typeof(" ~ value ~ ") = 'array' then " ~ value ~ " end"
    ~ ") as " ~ alias ~ " (value)"
  ) }}
{%- endmacro %}

{% macro duckdb__list_items(value, alias) -%}
  {{ return(
    "cross join lateral (select unnest(cast("
    ~ "case when json_type(" ~ value ~ ") = 'ARRAY' then " ~ value ~ " end"
    ~ " as json[])) as value) as " ~ alias
  ) }}
{%- endmacro %}


{#- Whether a JSON list has a text among its items; false where there is no list. -#}
{% macro list_has(value, item) -%}
  {{ return(adapter.dispatch('list_has', 'frontline_taps')(value, item)) }}
{%- endmacro %}

{% macro postgres__list_has(value, item) -%}
  {{ return("coalesce(" ~ value ~ " ? '" ~ item ~ "', false)") }}
{%- endmacro %}

{% macro duckdb__list_has(value, item) -%}
  {{ return("coalesce(json_contains(" ~ value ~ ", '\"" ~ item ~ "\"'), false)") }}
{%- endmacro %}
