{#- Columns of a table that a loader has filled are never null; passes where there is no table. -#}
{% test keys_are_present(model, columns) %}
  {%- set loaded = frontline_taps.loaded_columns(model) if execute else {} -%}
  {%- if not loaded %}
select 1 as nothing where 1 = 0
  {%- else %}
select *
from {{ model }}
where
    {% for name in columns -%}
    {{ frontline_taps.quoted(frontline_taps.find_column(loaded, name).name) }} is null{{ ' or ' if not loop.last }}
    {%- endfor %}
  {%- endif %}
{% endtest %}


{#- No two rows are equal in all of these columns. -#}
{% test unique_together(model, columns) %}
select {{ columns | join(', ') }}, count(*) as rows_with_this_key
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
