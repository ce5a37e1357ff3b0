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


{#-
  A text in ISO 8601; without a zone it is UTC. Null where it is no such text, or no such day is in
  the calendar.
-#}
{% macro parse_time(value) -%}
  {{ return(adapter.dispatch('parse_time', 'frontline_taps')(value)) }}
{%- endmacro %}

{% macro postgres__parse_time(value) -%}
  {#- A cast that fails ends the whole query, so only what is right may come to it. -#}
  {%- set month = "cast(substr(" ~ value ~ ", 1, 7) || '-01' as date)" -%}
  {%- set days = "extract(day from " ~ month ~ " + interval '1 month' - interval '1 day')" -%}
  {{ return(
    "case when " ~ value ~ " ~ '" ~ frontline_taps.pattern_of_time() ~ "' then"
    ~ " case when cast(substr(" ~ value ~ ", 9, 2) as integer) > " ~ days ~ " then null"
    ~ " when " ~ value ~ " ~ '" ~ frontline_taps.pattern_of_zone() ~ "'"
    ~ " then cast(" ~ value ~ " as timestamptz) at time zone 'UTC'"
    ~ " else cast(" ~ value ~ " as timestamp) end end"
  ) }}
{%- endmacro %}

{% macro duckdb__parse_time(value) -%}
  {{ return(
    "case when regexp_matches(" ~ value ~ ", '" ~ frontline_taps.pattern_of_time() ~ "') then"
    ~ " case when regexp_matches(" ~ value ~ ", '" ~ frontline_taps.pattern_of_zone() ~ "')"
    ~ " then timezone('UTC', try_cast("
    ~ "regexp_replace(" ~ value ~ ", '" ~ frontline_taps.zone() ~ "$', '\\1') as timestamptz))"
    ~ " else try_cast(" ~ value ~ " as timestamp) end end"
  ) }}
{%- endmacro %}


{#- What a text in ISO 8601 looks like that both databases can read. -#}
{% macro pattern_of_time() -%}
  {%- set year = '(000[1-9]|00[1-9]\\d|0[1-9]\\d\\d|[1-9]\\d\\d\\d)' -%}
  {%- set day = year ~ '-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])' -%}
  {%- set clock = '([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d+)?)?' -%}
  {{ return('^' ~ day ~ '([T ]' ~ clock ~ '(' ~ frontline_taps.zone() ~ ')?)?$') }}
{%- endmacro %}

{% macro pattern_of_zone() -%}
  {{ return(':\\d\\d.*' ~ frontline_taps.zone() ~ '$') }}
{%- endmacro %}

{% macro zone() -%}
  {{ return(' ?(Z|[+-](0\\d|1[0-5])(:?[0-5]\\d)?)') }}
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
