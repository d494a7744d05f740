with

published as (
    select * from {{ ref('stg_published__kpi') }}
),

subject as (
    select * from {{ ref('int_result__subjects') }}
),

metric as (
    {{ rows_in_force('policy_metric') }}
),

published_month as (
    select distinct
        subject_kind,
        metric,
        policy_month
    from published
),

-- A subject that a published month does not know had nothing in it; a ratio of nothing is not known.
final as (
    select
        subject.subject_kind,
        subject.subject_id,
        metric.metric,
        published_month.policy_month as month,
        case
            when published.subject_id is not null then published.value
            when metric.kind <> 'ratio' then 0
        end as value
    from published_month
    inner join metric on metric.metric = published_month.metric and metric.subject_kind = published_month.subject_kind
    inner join subject on subject.subject_kind = published_month.subject_kind
    left join published
        on
            published.subject_kind = subject.subject_kind
            and published.subject_id = subject.subject_id
            and published.metric = published_month.metric
            and published.policy_month = published_month.policy_month
    where metric.source <> 'delivered'
)

select * from final
