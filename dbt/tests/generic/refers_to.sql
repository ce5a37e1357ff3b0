{#-
  Every row has its parent, where it names one. Passes where the parent's stream was not loaded.

  Args:
    columns: Columns that name the parent.
    to: The parent's model.
    to_columns: Columns of the parent, in the same order.
-#}
{% test refers_to(model, columns, to, to_columns) %}
select child.*
from {{ model }} as child
where
    {%- for column in columns %}
    child.{{ column }} is not null and cast(child.{{ column }} as {{ dbt.type_string() }}) <> ''
    and
    {%- endfor %}
    exists (select 1 from {{ to }})
    and not exists (
        select 1
        from {{ to }} as parent
        where
            {%- for column in columns %}
            parent.{{ to_columns[loop.index0] }} = child.{{ column }}{{ ' and' if not loop.last }}
            {%- endfor %}
    )
{% endtest %}
