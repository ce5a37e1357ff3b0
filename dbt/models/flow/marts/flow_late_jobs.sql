{{ config(enabled=var('flow_enabled', true)) }}

with scheduled_jobs as (
    select * from {{ ref('stg_flow__scheduled_jobs') }}
),

tasks as (
    select
        tasks.*,
        completed_jobs.updated as job_completed_at
    from {{ ref('stg_flow__scheduled_job_tasks') }} as tasks
    left join {{ ref('stg_flow__completed_jobs') }} as completed_jobs
        on completed_jobs.job_id = tasks.job_id
),

users as (
    select * from {{ ref('stg_flow__users') }}
),

progress as (
    select
        scheduled_job_id,
        count(*) as tasks,
        sum(case when state in (3, 4) then 1 else 0 end) as ended_tasks,
        max(coalesce(job_completed_at, modified, updated)) as last_task_at
    from tasks
    group by scheduled_job_id
),

assignments as (
    select
        scheduled_jobs.scheduled_job_id,
        {{ frontline_taps.json_scalar('assigned.value') }} as user_id
    from scheduled_jobs
    {{ frontline_taps.list_items('scheduled_jobs.assigned_user_ids', 'assigned') }}
),

assignees as (
    select
        assignments.scheduled_job_id,
        {{ dbt.listagg(
            "coalesce(users.name, assignments.user_id)",
            "', '",
            "order by coalesce(users.name, assignments.user_id)"
        ) }} as assignees
    from assignments
    left join users on users.user_id = assignments.user_id
    group by assignments.scheduled_job_id
),

judged as (
    select
        scheduled_jobs.*,
        scheduled_jobs.state = 'Completed' as is_completed,
        case
            when scheduled_jobs.state = 'Completed'
                then coalesce(progress.last_task_at, scheduled_jobs.updated)
        end as completed_at,
        coalesce(progress.tasks, 0) as tasks,
        coalesce(progress.ended_tasks, 0) as ended_tasks,
        assignees.assignees,
        {{ frontline_taps.as_of() }} as as_of
    from scheduled_jobs
    left join progress on progress.scheduled_job_id = scheduled_jobs.scheduled_job_id
    left join assignees on assignees.scheduled_job_id = scheduled_jobs.scheduled_job_id
    where scheduled_jobs.due_by_date is not null
)

select
    scheduled_job_id,
    name,
    state,
    priority,
    due_by_date as due_at,
    completed_at,
    not is_completed as is_overdue,
    cast({{ frontline_taps.seconds_between('due_by_date', 'coalesce(completed_at, as_of)') }} as {{ frontline_taps.type_name('double') }})
        / 3600 as hours_late,
    tasks,
    ended_tasks,
    assignees
from judged
where due_by_date < coalesce(completed_at, as_of)
