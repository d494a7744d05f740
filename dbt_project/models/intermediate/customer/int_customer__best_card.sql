with

card as (
    select * from {{ ref('stg_landing__card') }}
),

counted_status as (
    {{ rows_in_force('policy_counted_status') }}
),

card_grade as (
    select * from {{ ref('ref_card_grade') }}
),

best as (
    select
        card.customer_id,
        min(card_grade.grade_rank) as grade_rank
    from card
    inner join counted_status on counted_status.table_name = 'card' and counted_status.status = card.status
    inner join card_grade on card_grade.card_grade = card.card_grade
    group by card.customer_id
),

final as (
    select
        best.customer_id,
        card_grade.card_grade as best_card_grade
    from best
    inner join card_grade on card_grade.grade_rank = best.grade_rank
)

select * from final
