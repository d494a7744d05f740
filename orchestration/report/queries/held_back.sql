-- One row per delivered table and rule: rows that the newest refresh held back.
with

quarantine as (
    select * from marts.fct_quarantine
),

final as (
    select
        table_name,
        rule_id,
        sum(rows_held)::bigint as rows_held
    from quarantine
    group by table_name, rule_id
)

select * from final
order by rows_held desc, table_name asc, rule_id asc
