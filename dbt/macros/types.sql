{#-
  What a value is made of. The kinds of columns are text, integer, number, boolean, timestamp, date
  and json; figures are double. Another database needs a macro type_name of its own, and those of
  json.sql and times.sql.
-#}

{% macro type_name(kind) -%}
  {{ return(adapter.dispatch('type_name', 'frontline_taps')(kind)) }}
{%- endmacro %}

{% macro postgres__type_name(kind) -%}
  {{ return({'integer': 'bigint', 'number': 'numeric', 'double': 'double precision', 'json': 'jsonb'}.get(kind, kind)) }}
{%- endmacro %}

{% macro duckdb__type_name(kind) -%}
  {{ return({'integer': 'bigint', 'number': 'double', 'text': 'varchar'}.get(kind, kind)) }}
{%- endmacro %}


{#-
  The kind of a column, by the database's name for its type. Two more than a model can ask for:
  instant, a time with its zone, and structure, an array or struct of the database's own.
-#}
{% macro kind_of(data_type) -%}
  {%- set name = data_type | lower -%}
  {%- if name.endswith(']') or name.split('(')[0].split('<')[0] in ['array', 'struct', 'map', 'list', 'union'] -%}
    {{ return('structure') }}
  {%- elif name in ['json', 'jsonb', 'variant', 'object'] -%}
    {{ return('json') }}
  {%- elif name in ['timestamp with time zone', 'timestamptz', 'timestamp_tz', 'timestamp_ltz'] -%}
    {{ return('instant') }}
  {%- elif name.startswith('timestamp') or name == 'datetime' -%}
    {{ return('timestamp') }}
  {%- elif name == 'date' -%}
    {{ return('date') }}
  {%- elif name.startswith('bool') -%}
    {{ return('boolean') }}
  {%- elif name in ['bigint', 'integer', 'smallint', 'tinyint', 'int64', 'int', 'hugeint'] -%}
    {{ return('integer') }}
  {%- elif name.split('(')[0] in ['numeric', 'decimal', 'number', 'double', 'double precision', 'real', 'float', 'float64'] -%}
    {{ return('number') }}
  {%- else -%}
    {{ return('text') }}
  {%- endif -%}
{%- endmacro %}


{#-
  A column's value as a kind.

  Args:
    value: The column, within quotes.
    data_type: The database's name for its type.
    kind: The kind that is wanted.
-#}
{% macro typed(value, data_type, kind) -%}
  {%- set found = frontline_taps.kind_of(data_type) -%}
  {%- if kind in ['json', 'structure'] -%}
    {%- if found in ['json', 'text'] -%}
      {{ frontline_taps.without_json_null(frontline_taps.parse_json(value)) }}
    {%- else -%}
      {{ frontline_taps.to_json(value) }}
    {%- endif -%}
  {%- elif kind in ['timestamp', 'instant'] -%}
    {%- if found == 'instant' -%}
      {{ frontline_taps.in_utc(value) }}
    {%- elif found == 'timestamp' -%}
      {{ value }}
    {%- elif found == 'json' -%}
      {{ frontline_taps.parse_time(frontline_taps.json_scalar(value)) }}
    {%- elif found == 'text' -%}
      {{ frontline_taps.parse_time(value) }}
    {%- else -%}
      cast({{ value }} as {{ frontline_taps.type_name('timestamp') }})
    {%- endif -%}
  {%- elif kind == 'date' and found == 'text' -%}
    cast({{ frontline_taps.parse_time(value) }} as date)
  {%- elif kind == found -%}
    {%- if kind in ['integer', 'number'] -%}
      cast({{ value }} as {{ frontline_taps.type_name(kind) }})
    {%- else -%}
      {{ value }}
    {%- endif -%}
  {%- elif found == 'json' -%}
    cast({{ frontline_taps.json_scalar(value) }} as {{ frontline_taps.type_name(kind) }})
  {%- elif found == 'text' -%}
    cast(nullif({{ value }}, '') as {{ frontline_taps.type_name(kind) }})
  {%- else -%}
    cast({{ value }} as {{ frontline_taps.type_name(kind) }})
  {%- endif -%}
{%- endmacro %}
