{#- The columns of a table by name; none where there is no such table. -#}
{% macro loaded_columns(relation) -%}
  {%- set found = {} -%}
  {%- set table = adapter.get_relation(relation.database, relation.schema, relation.identifier) -%}
  {%- if table -%}
    {%- for column in adapter.get_columns_in_relation(table) -%}
      {%- do found.update({column.name: column}) -%}
    {%- endfor -%}
  {%- endif -%}
  {{ return(found) }}
{%- endmacro %}


{#- A column by its name as the tap has it; some loaders change upper and lower case. -#}
{% macro find_column(loaded, name) -%}
  {%- if name in loaded -%}
    {{ return(loaded[name]) }}
  {%- endif -%}
  {%- for column in loaded.values() if column.name | lower == name | lower -%}
    {{ return(column) }}
  {%- endfor -%}
  {{ return(none) }}
{%- endmacro %}


{#- A name within quotes, whatever characters it has. -#}
{% macro quoted(name) -%}
  {{ return(adapter.quote(name | replace('"', '""'))) }}
{%- endmacro %}


{#- jobId is job_id, "Roll, övrigt" is roll_övrigt. -#}
{% macro snake_case(name) -%}
  {%- set parted = modules.re.sub('([a-z0-9])([A-Z])', '\\1_\\2', name) -%}
  {%- set parted = modules.re.sub('([A-Z])([A-Z][a-z])', '\\1_\\2', parted) -%}
  {%- set plain = modules.re.sub('\\W+', '_', parted).strip('_').lower() -%}
  {{ return(plain or 'column') }}
{%- endmacro %}


{#- The name, as long as the database takes one, with a number where it is taken. -#}
{% macro free_name(name, taken) -%}
  {%- for number in range(1, 1000) -%}
    {%- set suffix = '_' ~ number if number > 1 else '' -%}
    {%- set bytes = frontline_taps.longest_name() - suffix | length -%}
    {%- set found = name.encode()[:bytes].decode('utf-8', 'ignore') ~ suffix -%}
    {%- if found not in taken -%}
      {{ return(found) }}
    {%- endif -%}
  {%- endfor -%}
{%- endmacro %}


{#- How many bytes a name may have; PostgreSQL cuts a longer one without a word. -#}
{% macro longest_name() -%}
  {{ return(adapter.dispatch('longest_name', 'frontline_taps')()) }}
{%- endmacro %}

{% macro default__longest_name() -%}
  {{ return(255) }}
{%- endmacro %}

{% macro postgres__longest_name() -%}
  {{ return(63) }}
{%- endmacro %}
