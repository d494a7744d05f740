-- One row per table and defect: its first place, and at how many it is.
select
    table_name,
    min(place) as place,
    count(*) as places,
    found
from ({{ details }}) as detail
group by table_name, found
order by table_name, place, found
