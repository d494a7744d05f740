with

customer as (
    select * from {{ ref('int_customer__segments') }}
),

statement as (
    select * from {{ ref('stg_landing__financial_statement') }}
),

statement_kind as (
    {{ rows_in_force('policy_statement_kind') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

-- The newest statement of a kind that counts; an annual one takes precedence over an interim one of the same day (R46).
final as (
    select
        statement.customer_id,
        statement.period_end,
        statement.total_assets
    from statement
    cross join run_context
    inner join customer on customer.customer_id = statement.customer_id
    inner join statement_kind
        on
            statement_kind.report_kind = statement.report_kind
            and statement_kind.is_established_this_year
            = coalesce(
                extract(year from customer.established_on) = extract(year from run_context.business_date), false
            )
    where statement.period_end <= run_context.business_date
    qualify
        row_number() over (
            partition by statement.customer_id order by statement.period_end desc, statement.report_kind asc
        ) = 1
)

select * from final
