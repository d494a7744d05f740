{#- The texts of a relation that a pattern of another relation matches from end to end: columns pattern and text. -#}
{% macro matched_whole(texts, text, patterns, pattern) -%}
    {{ return(adapter.dispatch('matched_whole', 'fenceng')(texts, text, patterns, pattern)) }}
{%- endmacro %}

{#- DuckDB compiles a pattern that is a column once a row, which takes longer than all else here. So the texts are joined
    to a thousand long ones, a line each; a pattern may match no line break. -#}
{% macro default__matched_whole(texts, text, patterns, pattern) -%}
    select distinct
        pattern,
        unnest(regexp_extract_all(lines, concat('(?m)^(?:', pattern, ')$'))) as text
    from (
        select
            {{ pattern }} as pattern,
            string_agg({{ text }}, chr(10)) as lines
        from {{ texts }}
        cross join {{ patterns }}
        where {{ text }} is not null and {{ pattern }} is not null
        group by {{ pattern }}, hash({{ text }}) % 1000
    ) as chunk
{%- endmacro %}

{% macro spark__matched_whole(texts, text, patterns, pattern) -%}
    select distinct
        {{ pattern }} as pattern,
        {{ text }} as text
    from {{ texts }}
    cross join {{ patterns }}
    where {{ text }} rlike concat('^(?:', {{ pattern }}, ')$')
{%- endmacro %}
