{{ config(enabled=var('giosg_enabled', true)) }}

with events as (
    select
        'step_source_data' as stream, workflow_id, step_index, target,
        event_at, event_action, event_visitor, interval_start, interval_end
    from {{ ref('stg_giosg__step_source_data') }}

    union all

    -- Goals of a whole workflow belong to no step.
    select
        'source_data' as stream, workflow_id, cast(null as {{ dbt.type_bigint() }}) as step_index, target,
        event_at, event_action, event_visitor, interval_start, interval_end
    from {{ ref('stg_giosg__source_data') }}
),

workflows as (
    select * from {{ ref('stg_giosg__workflows') }}
),

dated as (
    select
        events.*,
        -- Where no time can be read, the window tells the day, if it is no longer than one.
        cast(coalesce(
            event_at,
            case
                when {{ frontline_taps.seconds_between('interval_start', 'interval_end') }} <= 86400
                    then interval_start
            end
        ) as date) as day
    from events
)

select
    dated.day,
    dated.workflow_id,
    max(workflows.name) as workflow,
    dated.stream,
    dated.step_index,
    dated.target,
    dated.event_action as action,
    count(*) as events,
    count(distinct dated.event_visitor) as visitors
from dated
left join workflows on workflows.id = dated.workflow_id
group by
    dated.day, dated.workflow_id, dated.stream, dated.step_index, dated.target, dated.event_action
