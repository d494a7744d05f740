{#- One row per condition of a kind that holds, with the observed value. Reads the CTE `condition` of its caller. -#}
{% macro observations(measures, kind) -%}
    {% for relation in measures -%}
    select
        measured.customer_id,
        condition.rule_id,
        condition.condition_no,
        condition.is_soft,
        {{ observed('measured') }} as observed_value
    from {{ relation }} as measured
    inner join condition on {{ kind }} and {{ condition_holds('measured', 'condition') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
{%- endmacro %}
