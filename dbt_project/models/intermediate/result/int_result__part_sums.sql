with

measured as (
    select * from {{ ref('int_result__values') }}
),

metric as (
    {{ rows_in_force('policy_metric') }}
),

part as (
    select * from metric
    where part_of is not null
),

whole as (
    select
        subject_kind,
        part_of,
        count(*) as parts
    from part
    group by subject_kind, part_of
),

-- Null unless every part is known.
final as (
    select
        measured.subject_kind,
        measured.subject_id,
        part.part_of as metric,
        case when count(measured.value) = max(whole.parts) then sum(measured.value) end as value
    from measured
    inner join part on part.subject_kind = measured.subject_kind and part.metric = measured.metric
    inner join whole on whole.subject_kind = part.subject_kind and whole.part_of = part.part_of
    group by measured.subject_kind, measured.subject_id, part.part_of
)

select * from final
