with

channel as (
    select * from {{ ref('int_customer__channels') }}
),

size_measure as (
    select * from {{ ref('int_customer__size_measures') }}
),

used_statement as (
    select * from {{ ref('int_customer__statements') }}
),

statement as (
    select * from {{ ref('stg_landing__financial_statement') }}
),

statement_kind as (
    {{ rows_in_force('policy_statement_kind') }}
),

delivered as (
    select * from {{ ref('stg_gate_1__delivered_table') }}
    where table_name = 'financial_statement'
),

run_context as (
    select
        business_date,
        {{ parameter('statement_stale_months') }} as stale_months
    from {{ ref('stg_run__context') }}
),

newest as (
    select
        statement.customer_id,
        max(statement.period_end) as period_end
    from statement
    cross join run_context
    inner join statement_kind
        on statement_kind.report_kind = statement.report_kind and not statement_kind.is_established_this_year
    where statement.period_end <= run_context.business_date
    group by statement.customer_id
),

-- The statement that the size rests on, else the newest annual one.
known as (
    select
        channel.customer_id,
        channel.is_borrower and not channel.is_institution as is_due,
        case when size_measure.measure_id = 'total_assets' then used_statement.period_end else newest.period_end end
            as statement_period_end
    from channel
    left join size_measure on size_measure.customer_id = channel.customer_id
    left join used_statement on used_statement.customer_id = channel.customer_id
    left join newest on newest.customer_id = channel.customer_id
),

-- Nobody owes a statement as long as the bank delivers none at all.
final as (
    select
        known.customer_id,
        known.statement_period_end,
        case
            when known.is_due and delivered.table_name is not null
                then
                    known.statement_period_end is null
                    or {{ add_months('known.statement_period_end', 'run_context.stale_months') }}
                    < run_context.business_date
        end as is_statement_stale
    from known
    cross join run_context
    left join delivered on known.is_due
)

select * from final
