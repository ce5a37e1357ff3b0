{{ config(enabled=var('xoi_enabled', true)) }}

with step_values as (
    select * from {{ ref('stg_xoi__workflow_job_step_values') }}
),

reports as (
    select * from {{ ref('stg_xoi__workflow_job_reports') }}
),

jobs as (
    select * from {{ ref('stg_xoi__jobs') }}
),

deleted_jobs as (
    select * from {{ ref('stg_xoi__deleted_jobs') }}
)

select
    step_values.job_id,
    step_values.workflow_job_id,
    step_values.value_id,
    step_values.reference_key,
    step_values.value_number as reading,
    step_values.unit,
    step_values.unit_type,
    reports.workflow_name,
    reports.reporting_category,
    jobs.work_order_number,
    jobs.label as job_label,
    coalesce(reports.completed_at, reports.created_at) as documented_at,
    step_values.changed_at
from step_values
left join reports
    on reports.job_id = step_values.job_id
    and reports.workflow_job_id = step_values.workflow_job_id
left join jobs on jobs.id = step_values.job_id
left join deleted_jobs on deleted_jobs.job_id = step_values.job_id
where step_values.value_type = 'number'
    -- A report is read as a whole: what it no longer has keeps its earlier time.
    and (reports.changed_at is null or reports.changed_at = step_values.changed_at)
    and deleted_jobs.job_id is null
