{#- Every node with itself and everything above it: columns node, above and distance. The relation has one row per
    node. A cycle ends where it would return. Dispatched: not every engine recurses, and those that do spell it
    differently. -#}
{% macro all_above(relation, node, parent) -%}
    {{ return(adapter.dispatch('all_above', 'fenceng')(relation, node, parent)) }}
{%- endmacro %}

{% macro default__all_above(relation, node, parent) -%}
    with recursive climbed as (
        select
            {{ node }} as node,
            {{ node }} as above,
            0 as distance,
            [{{ node }}] as passed
        from {{ relation }}
        union all
        select
            climbed.node,
            parent.{{ node }} as above,
            climbed.distance + 1 as distance,
            list_append(climbed.passed, parent.{{ node }}) as passed
        from climbed
        inner join {{ relation }} as own on own.{{ node }} = climbed.above
        inner join {{ relation }} as parent on parent.{{ node }} = own.{{ parent }}
        where not list_contains(climbed.passed, parent.{{ node }})
    )

    select
        node,
        above,
        distance
    from climbed
{%- endmacro %}

{#- Step by step, as many as the variable says; in a cycle, a pair appears once per round. -#}
{% macro spark__all_above(relation, node, parent) -%}
    {%- for steps in range(0, var('organization_depth') | int + 1) %}
    select
        step_0.{{ node }} as node,
        step_{{ steps }}.{{ node }} as above,
        {{ steps }} as distance
    from {{ relation }} as step_0
    {%- for step in range(1, steps + 1) %}
    inner join {{ relation }} as step_{{ step }} on step_{{ step }}.{{ node }} = step_{{ step - 1 }}.{{ parent }}
    {%- endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
