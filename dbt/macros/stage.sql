{#
  One row for each key of a table that a loader has filled: the newest one, where the loader keeps
  several. Names are in snake case, times are timestamps without zone, in UTC, objects and lists are
  JSON. A declared column that the table lacks is null; columns that are not declared follow. Where
  there is no table, the result has the declared columns and no row.

  Args:
    source: The table, from source().
    keys: Names of the key's columns, as the tap has them; none: all rows are taken.
    columns: Kinds by name: text, integer, number, boolean, timestamp, date or json.
    named: Columns under a name of our own: {name: [column, kind]}.
#}
{% macro stage(source, keys, columns, named={}) -%}
  {%- if not execute -%}
    {{ return('select 1 as nothing') }}
  {%- endif -%}
  {%- set loaded = frontline_taps.loaded_columns(source) -%}
  {%- set selected = [] -%}
  {%- set taken = {} -%}
  {%- set declared = {} -%}
  {%- for name, kind in columns.items() -%}
    {%- set alias = frontline_taps.snake_case(name) -%}
    {%- do taken.update({alias: true}) -%}
    {%- do declared.update({(frontline_taps.find_column(loaded, name) or {}).name: true}) -%}
    {%- do selected.append(frontline_taps.selected(loaded, name, kind) ~ ' as ' ~ alias) -%}
  {%- endfor -%}
  {%- for alias, wanted in named.items() -%}
    {%- do taken.update({alias: true}) -%}
    {%- do selected.append(frontline_taps.selected(loaded, wanted[0], wanted[1]) ~ ' as ' ~ alias) -%}
  {%- endfor -%}
  {%- for column in loaded.values() if column.name not in declared -%}
    {%- if not frontline_taps.is_of_the_loader(column.name) -%}
      {%- set alias = frontline_taps.free_name(frontline_taps.snake_case(column.name), taken) -%}
      {%- do taken.update({alias: true}) -%}
      {%- set kind = frontline_taps.kind_of(column.data_type) -%}
      {%- do selected.append(frontline_taps.selected(loaded, column.name, kind) ~ ' as ' ~ adapter.quote(alias)) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- set newest_first = frontline_taps.loading_times(loaded) -%}
  {%- if newest_first -%}
    {%- do selected.append(frontline_taps.selected(loaded, newest_first[0].name, 'timestamp') ~ ' as _loaded_at') -%}
  {%- else -%}
    {%- do selected.append('cast(null as ' ~ frontline_taps.type_name('timestamp') ~ ') as _loaded_at') -%}
  {%- endif %}
select
    {{ selected | join(',\n    ') }}
from
  {%- if not loaded %}
    (select 1 as nothing) as no_table
where 1 = 0
  {%- else %}
    {{ frontline_taps.newest_rows(source, keys, loaded, newest_first) }}
    {%- set deleted = frontline_taps.find_column(loaded, '_sdc_deleted_at') -%}
    {%- if deleted %}
where {{ frontline_taps.quoted(deleted.name) }} is null
    {%- endif -%}
  {%- endif %}
{%- endmacro %}


{#- The rows of a table, only the newest one of each key. -#}
{% macro newest_rows(source, keys, loaded, newest_first) -%}
  {%- set known = [] -%}
  {%- for key in keys -%}
    {%- set column = frontline_taps.find_column(loaded, key) -%}
    {%- if column -%}{%- do known.append(frontline_taps.quoted(column.name)) -%}{%- endif -%}
  {%- endfor -%}
  {%- if not var('newest_only', true) or not newest_first or not known or known | length < keys | length -%}
    {{ source }} as loaded
  {%- else -%}
    (
    select *
    from (
        select
            *,
            row_number() over (
                partition by {{ known | join(', ') }}
                order by
                {%- for column in newest_first %}
                    {{ frontline_taps.quoted(column.name) }} desc nulls last{{ ',' if not loop.last }}
                {%- endfor %}
            ) as _place
        from {{ source }}
    ) as numbered
    where _place = 1
) as loaded
  {%- endif -%}
{%- endmacro %}


{#- Columns that tell when a row was loaded, the best one first. -#}
{% macro loading_times(loaded) -%}
  {%- set found = [] -%}
  {%- for name in ['_loaded_at', '_sdc_batched_at', '_sdc_received_at', '_sdc_extracted_at', '_sdc_sequence'] -%}
    {%- set column = frontline_taps.find_column(loaded, name) -%}
    {%- if column -%}{%- do found.append(column) -%}{%- endif -%}
  {%- endfor -%}
  {{ return(found) }}
{%- endmacro %}


{% macro is_of_the_loader(name) -%}
  {{ return(name | lower == '_loaded_at' or (name | lower).startswith('_sdc_')) }}
{%- endmacro %}


{#- A column of a table as the kind that is wanted, null where the table lacks it. -#}
{% macro selected(loaded, name, kind) -%}
  {%- set column = frontline_taps.find_column(loaded, name) -%}
  {%- if column -%}
    {{ return(frontline_taps.typed(frontline_taps.quoted(column.name), column.data_type, kind) | trim) }}
  {%- else -%}
    {{ return('cast(null as ' ~ frontline_taps.type_name(kind) ~ ')') }}
  {%- endif -%}
{%- endmacro %}
