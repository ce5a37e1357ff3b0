{{ config(enabled=var('flow_enabled', true)) }}

with steps as (
    select * from {{ ref('stg_flow__job_steps') }}
),

jobs as (
    select * from {{ ref('stg_flow__completed_jobs') }}
),

workflows as (
    select * from {{ ref('stg_flow__workflows') }}
),

-- A step in a form's loop is taken once in each turn.
taken as (
    select
        jobs.workflow_id,
        jobs.workflow_title,
        steps.*,
        coalesce(steps.is_cancelled, false) as was_cancelled,
        case when not coalesce(steps.is_cancelled, false) then steps.total_duration end as seconds,
        case when not coalesce(steps.is_cancelled, false) then steps.active_duration end as active_seconds,
        row_number() over (
            partition by jobs.workflow_id, steps.step_id
            order by steps.started desc nulls last, steps.job_id, steps.unique_step_id
        ) as latest
    from steps
    inner join jobs on jobs.job_id = steps.job_id
)

select
    taken.workflow_id,
    coalesce(max(workflows.name), max(taken.workflow_title)) as workflow,
    taken.step_id,
    max(case when latest = 1 then taken.step_title end) as step,
    max(case when latest = 1 then taken.step_type end) as step_type,
    count(distinct taken.job_id) as jobs,
    count(*) as executions,
    sum(case when was_cancelled then 1 else 0 end) as cancelled_executions,
    {{ frontline_taps.average('seconds') }} as average_seconds,
    {{ frontline_taps.percentile('seconds', 0.5) }} as median_seconds,
    {{ frontline_taps.percentile('seconds', 0.9) }} as p90_seconds,
    {{ frontline_taps.average('active_seconds') }} as average_active_seconds,
    cast(sum(seconds) as {{ frontline_taps.type_name('double') }}) / count(distinct taken.job_id) as average_seconds_per_job,
    max(taken.form_loop_iteration) as longest_loop,
    {{ frontline_taps.average('case when taken.form_loop_iteration = 1 then seconds end') }} as average_seconds_of_first_turns,
    {{ frontline_taps.average('case when taken.form_loop_iteration > 1 then seconds end') }} as average_seconds_of_later_turns
from taken
left join workflows on workflows.workflow_id = taken.workflow_id
group by taken.workflow_id, taken.step_id
