{#- Loads a policy or reference CSV. `fenceng-dbt` reads the CSVs in seeds/ as the policy lint does, and writes
    them in canonical form to scratch/seeds of the output folder. That form is loaded here, so that no second reader can
    interpret a file differently (dbt's own takes a line of commas for a row, and fails on a surplus comma). A replay
    loads the same form with the same options: fenceng/analysis/replay.py. -#}
{% materialization seed, adapter='duckdb' -%}
    {%- set table = this.incorporate(type='table') -%}
    {%- set types = [] -%}
    {%- for name, kind in config.require('column_types').items() -%}
        {%- do types.append("'" ~ name ~ "': '" ~ kind ~ "'") -%}
    {%- endfor -%}

    {#- dbt expects a seed to store the rows it read; it read none here. -#}
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
