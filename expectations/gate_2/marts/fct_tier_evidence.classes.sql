with classed as (
    select
        customer_id,
        value_class as class
    from month_in_hand.fct_customer_tier_monthly
    union all
    select
        customer_id,
        cooperation_class
    from month_in_hand.fct_customer_tier_monthly
)

select classed.customer_id
from classed
where
    classed.class is not null
    and not exists (
        select 1
        from {{ batch }} as evidence
        where
            evidence.customer_id = classed.customer_id
            and evidence.is_winner
            and evidence.outcome = classed.class
    )
