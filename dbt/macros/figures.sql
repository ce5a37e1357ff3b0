{#- A percentile among the rows of a group, between two of them where it lies there. -#}
{% macro percentile(value, share) -%}
  {{ return(adapter.dispatch('percentile', 'frontline_taps')(value, share)) }}
{%- endmacro %}

{% macro default__percentile(value, share) -%}
  {{ return('percentile_cont(' ~ share ~ ') within group (order by ' ~ value ~ ')') }}
{%- endmacro %}


{#- The average as a number with fractions, whatever the type of the column. -#}
{% macro average(value) -%}
  {{ return('cast(avg(' ~ value ~ ') as ' ~ frontline_taps.type_name('double') ~ ')') }}
{%- endmacro %}
