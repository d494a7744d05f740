select
    'month' as table_name,
    cast(null as varchar) as place,
    {{ joined("'published as of ', published_on, ', refreshed as of ', business_date") }} as found
from delivery.run
where _row in ({{ failing_rows }})
