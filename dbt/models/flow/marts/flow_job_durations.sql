{{ config(enabled=var('flow_enabled', true)) }}

with jobs as (
    select * from {{ ref('stg_flow__completed_jobs') }}
),

workflows as (
    select * from {{ ref('stg_flow__workflows') }}
)

select
    jobs.workflow_id,
    coalesce(max(workflows.name), max(jobs.workflow_title)) as workflow,
    cast({{ dbt.date_trunc('month', 'jobs.updated') }} as date) as month,
    count(*) as jobs,
    sum(case when jobs.job_title like '(Draft) - %' then 1 else 0 end) as draft_jobs,
    {{ frontline_taps.average('jobs.total_duration') }} as average_seconds,
    {{ frontline_taps.percentile('jobs.total_duration', 0.5) }} as median_seconds,
    {{ frontline_taps.percentile('jobs.total_duration', 0.9) }} as p90_seconds,
    {{ frontline_taps.average('jobs.active_duration') }} as average_active_seconds,
    {{ frontline_taps.percentile('jobs.active_duration', 0.5) }} as median_active_seconds,
    {{ frontline_taps.average('jobs.total_duration - jobs.active_duration') }} as average_paused_seconds
from jobs
left join workflows on workflows.workflow_id = jobs.workflow_id
group by jobs.workflow_id, cast({{ dbt.date_trunc('month', 'jobs.updated') }} as date)
