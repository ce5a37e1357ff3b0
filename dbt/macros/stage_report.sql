{#
  Stages any of Crewmojo's reports, whose columns are each customer's own: all that the table has, in
  snake case.

  Args:
    source: The report's table, from source().
    columns: Kinds of columns that models rely on, by name: they are there even where the table lacks
      them, and are named alike whatever the loader makes of upper and lower case.
    keys: What tells rows apart. By row_id, which is made of a row's content, a row that was changed
      later stands beside its older version; by columns of the report, the newest version remains.
#}
{% macro stage_report(source, columns={}, keys=['row_id']) -%}
  {%- set own = {'report': 'text', 'start_date': 'date', 'end_date': 'date', 'row_id': 'text'} -%}
  {%- do own.update(columns) -%}
  {%- do own.update({'extra_columns': 'json'}) -%}
  {{ frontline_taps.stage(source, keys=keys, columns=own) }}
{%- endmacro %}
