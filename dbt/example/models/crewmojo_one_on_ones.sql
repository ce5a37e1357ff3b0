select
    start_date,
    max(end_date) as end_date,
    manager_email_address,
    count(*) as people,
    sum(case when coalesce(one_on_one_count, 0) = 0 then 1 else 0 end) as people_without,
    sum(coalesce(one_on_one_count, 0)) as one_on_ones
from {{ ref('stg_crewmojo__oneonone_summary') }}
group by start_date, manager_email_address
