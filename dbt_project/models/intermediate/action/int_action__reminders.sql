with

customer as (
    select * from {{ ref('int_customer__own_amounts') }}
),

assignment as (
    select * from {{ ref('int_maintenance__assignments') }}
    where choice_pending_since is not null
),

statement as (
    select * from {{ ref('int_customer__statement_ages') }}
    where is_statement_stale
),

run_context as (
    select
        {{ period_end('month', 'policy_month') }} as month_end,
        {{ parameter('upgrade_choice_days') }} as choice_days,
        {{ parameter('statement_stale_months') }} as stale_months
    from {{ ref('stg_run__context') }}
),

-- A customer that rose and has not chosen its person; a borrower whose statement is old or missing.
final as (
    select
        'upgrade_choice' as action_kind,
        assignment.customer_id,
        {{ add_days('assignment.choice_pending_since', 'run_context.choice_days') }} as due_on,
        1 as items,
        customer.own_amount as amount
    from assignment
    cross join run_context
    inner join customer on customer.customer_id = assignment.customer_id
    union all
    select
        'statement_stale' as action_kind,
        statement.customer_id,
        coalesce(
            {{ add_months('statement.statement_period_end', 'run_context.stale_months') }}, run_context.month_end
        ) as due_on,
        1 as items,
        cast(null as decimal(38, 10)) as amount
    from statement
    cross join run_context
)

select * from final
