-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('flow_enabled', true)) }}

{{ frontline_taps.stage(
    source('flow', 'scheduled_job_tasks'),
    keys=['scheduledJobId', 'taskId'],
    columns={
        'scheduledJobId': 'text',
        'taskId': 'text',
        'taskType': 'text',
        'artifactId': 'text',
        'jobId': 'text',
        'clientJobId': 'text',
        'updated': 'timestamp',
        'modified': 'timestamp',
        'state': 'integer',
        'extra_columns': 'json'
    }
) }}
