{{ config(enabled=var('xoi_enabled', true)) }}

{%- set derived = 'documentation.derived_data' %}

with step_values as (
    select * from {{ ref('stg_xoi__workflow_job_step_values') }}
),

reports as (
    select * from {{ ref('stg_xoi__workflow_job_reports') }}
),

documentation as (
    select * from {{ ref('stg_xoi__documentation') }}
),

jobs as (
    select * from {{ ref('stg_xoi__jobs') }}
),

deleted_jobs as (
    select * from {{ ref('stg_xoi__deleted_jobs') }}
),

plates as (
    select
        step_values.job_id,
        step_values.make,
        step_values.model,
        step_values.serial,
        coalesce(reports.completed_at, reports.created_at, step_values.changed_at) as seen_at
    from step_values
    left join reports
        on reports.job_id = step_values.job_id
        and reports.workflow_job_id = step_values.workflow_job_id
    where step_values.value_type = 'dataplate'
        -- A report is read as a whole: what it no longer has keeps its earlier time.
        and (reports.changed_at is null or reports.changed_at = step_values.changed_at)

    union all

    -- Plates on steps without a Reference Key are in the documentation alone.
    select
        documentation.job_id,
        {{ frontline_taps.json_text(derived, ['make']) }} as make,
        {{ frontline_taps.json_text(derived, ['model']) }} as model,
        {{ frontline_taps.json_text(derived, ['serial']) }} as serial,
        coalesce(jobs.completed_at, documentation.interval_end) as seen_at
    from documentation
    left join jobs on jobs.id = documentation.job_id
    where not {{ frontline_taps.list_has('documentation.traits', 'not_a_dataplate') }}
),

trimmed as (
    select
        job_id,
        nullif(trim(make), '') as make,
        nullif(trim(model), '') as model,
        nullif(trim(serial), '') as serial,
        seen_at
    from plates
),

sightings as (
    select
        trimmed.*,
        upper(coalesce(make, '')) as make_key,
        upper(coalesce(model, '')) as model_key,
        upper(coalesce(serial, '')) as serial_key,
        row_number() over (
            partition by upper(coalesce(make, '')), upper(coalesce(model, '')), upper(coalesce(serial, ''))
            order by seen_at desc nulls last, trimmed.job_id
        ) as latest
    from trimmed
    left join deleted_jobs on deleted_jobs.job_id = trimmed.job_id
    where deleted_jobs.job_id is null
        and (make is not null or model is not null or serial is not null)
)

select
    {{ dbt.hash("make_key || '|' || model_key || '|' || serial_key") }} as equipment_id,
    max(case when latest = 1 then make end) as make,
    max(case when latest = 1 then model end) as model,
    max(case when latest = 1 then serial end) as serial,
    min(seen_at) as first_seen_at,
    max(seen_at) as last_seen_at,
    max(case when latest = 1 then job_id end) as last_job_id,
    count(distinct job_id) as jobs
from sightings
group by make_key, model_key, serial_key
