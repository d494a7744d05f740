with

customer as (
    select * from {{ ref('int_customer__segments') }}
    where size_group is not null
),

credit as (
    select * from {{ ref('int_customer__credit') }}
),

statement as (
    select * from {{ ref('int_customer__statements') }}
),

size_basis as (
    {{ rows_in_force('policy_size_basis') }}
),

candidates as (
    select
        customer.customer_id,
        size_basis.preference,
        size_basis.size_basis as measure_id,
        size_basis.is_named_when_unknown,
        case size_basis.size_basis
            when 'total_assets' then statement.total_assets
            when 'registered_capital' then customer.registered_capital
        end as number_value,
        case size_basis.size_basis when 'administrative_level' then customer.administrative_level end as category_value
    from customer
    left join credit on credit.customer_id = customer.customer_id
    left join statement on statement.customer_id = customer.customer_id
    inner join size_basis
        on
            size_basis.size_group = customer.size_group
            and size_basis.credit_customer = coalesce(credit.is_credit_customer, false)
),

-- The first basis whose value is known, or one that is named even if unknown.
final as (
    select
        customer_id,
        measure_id,
        cast(number_value as decimal(38, 10)) as number_value,
        category_value
    from candidates
    where number_value is not null or category_value is not null or is_named_when_unknown
    qualify row_number() over (partition by customer_id order by preference) = 1
)

select * from final
