{{ config(enabled=var('xoi_enabled', true)) }}

-- XOi's pages call the event job_delete in one place and job_deleted in another.
select
    job_id,
    max(fired_at) as deleted_at
from {{ ref('stg_xoi__webhook_history') }}
where event in ('job_delete', 'job_deleted')
group by job_id
