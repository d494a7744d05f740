{#- The time n seconds later. -#}
{% macro add_seconds(time_value, seconds) -%}
    {{ return(adapter.dispatch('add_seconds', 'fenceng')(time_value, seconds)) }}
{%- endmacro %}

{% macro default__add_seconds(time_value, seconds) -%}
    ({{ time_value }}) + to_seconds(cast(({{ seconds }}) as bigint))
{%- endmacro %}

{% macro spark__add_seconds(time_value, seconds) -%}
    timestampadd(second, cast(({{ seconds }}) as bigint), {{ time_value }})
{%- endmacro %}
