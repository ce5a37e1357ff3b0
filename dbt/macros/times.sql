{#- Times, as each database reads them. All are timestamps without zone, in UTC. -#}

{#- A time with its zone. -#}
{% macro in_utc(value) -%}
  {{ return(adapter.dispatch('in_utc', 'frontline_taps')(value)) }}
{%- endmacro %}

{% macro postgres__in_utc(value) -%}
  {{ return("(" ~ value ~ " at time zone 'UTC')") }}
{%- endmacro %}

{% macro duckdb__in_utc(value) -%}
  {{ return("timezone('UTC', " ~ value ~ ")") }}
{%- endmacro %}


{#- A text in ISO 8601; without a zone it is UTC. Null where it is no such text. -#}
{% macro parse_time(value) -%}
  {{ return(adapter.dispatch('parse_time', 'frontline_taps')(value)) }}
{%- endmacro %}

{% macro postgres__parse_time(value) -%}
  {%- set local = "\\d{4}-\\d\\d-\\d\\d([T ]\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?)?" -%}
  {%- set zone = " ?(Z|[+-]\\d\\d(:?\\d\\d)?)" -%}
  {{ return(
    "case when " ~ value ~ " ~ '^" ~ local ~ zone ~ "$'"
    ~ " then cast(" ~ value ~ " as timestamptz) at time zone 'UTC'"
    ~ " when " ~ value ~ " ~ '^" ~ local ~ "$' then cast(" ~ value ~ " as timestamp) end"
  ) }}
{%- endmacro %}

{% macro duckdb__parse_time(value) -%}
  {{ return(
    "case when regexp_matches(" ~ value ~ ", ':\\d\\d.*(Z|[+-]\\d\\d(:?\\d\\d)?)$')"
    ~ " then timezone('UTC', try_cast(" ~ value ~ " as timestamptz))"
    ~ " else try_cast(" ~ value ~ " as timestamp) end"
  ) }}
{%- endmacro %}


{#- The moment for which the models are built: now, or the variable as_of. -#}
{% macro as_of() -%}
  {%- if var('as_of', none) -%}
    {{ return(frontline_taps.parse_time("'" ~ var('as_of') ~ "'")) }}
  {%- endif -%}
  {{ return(frontline_taps.in_utc('current_timestamp')) }}
{%- endmacro %}


{% macro seconds_between(start, end) -%}
  {{ return(adapter.dispatch('seconds_between', 'frontline_taps')(start, end)) }}
{%- endmacro %}

{% macro default__seconds_between(start, end) -%}
  {{ return('extract(epoch from (' ~ end ~ ' - ' ~ start ~ '))') }}
{%- endmacro %}
