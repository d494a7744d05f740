{#- How a policy or reference CSV becomes a table. `fenceng-dbt` reads the CSVs of seeds/ as the policy lint does and
    writes what they say, in one canonical form, to scratch/seeds of the output folder; that is loaded here, so that no
    second reader can understand a file otherwise (dbt's own takes a line of commas for a row, and stops at a comma too
    many). A what-if loads the same form with the same options: fenceng/analysis/replay.py. -#}
{% materialization seed, adapter='duckdb' -%}
    {%- set table = this.incorporate(type='table') -%}
    {%- set types = [] -%}
    {%- for name, kind in config.require('column_types').items() -%}
        {%- do types.append("'" ~ name ~ "': '" ~ kind ~ "'") -%}
    {%- endfor -%}

    {#- dbt asks a seed for the rows that it read; here it read none. -#}
    {%- do store_result('agate_table', response='OK') -%}

    {{ run_hooks(pre_hooks) }}
    {% call statement('main') -%}
        create or replace table {{ table }} as
        select * from read_csv(
            'scratch/seeds/{{ model.name }}.csv', header = true, nullstr = '', columns = { {{ types | join(', ') }} },
            delim = ',', quote = '"', escape = '"', auto_detect = false
        )
    {%- endcall %}
    {% do persist_docs(table, model) %}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ return({'relations': [table]}) }}
{%- endmaterialization %}
