{#-
    Columns as rows: subject_id, metric, amount.

    columns: the columns, each a metric of its own name; or a mapping from an expression to the metric.
-#}
{% macro long_metrics(relation, subject, columns) -%}
    {% set metrics = columns if columns is mapping else dict(zip(columns, columns)) -%}
    {% for expression, metric in metrics.items() -%}
    select
        {{ subject }} as subject_id,
        '{{ metric }}' as metric,
        cast({{ expression }} as decimal(38, 10)) as amount
    from {{ relation }}
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor -%}
{%- endmacro %}
