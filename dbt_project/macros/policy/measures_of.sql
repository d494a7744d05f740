{#- The names of the measures of a segment that are of a kind. -#}
{% macro measures_of(segment, kind) -%}
    {%- set names = [] -%}
    {%- for name, measure in measures().items() if measure.kind == kind and segment in measure.segments -%}
        {%- do names.append(name) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}
