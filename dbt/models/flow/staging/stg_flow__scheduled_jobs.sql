-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('flow_enabled', true)) }}

{{ frontline_taps.stage(
    source('flow', 'scheduled_jobs'),
    keys=['scheduledJobId'],
    columns={
        'scheduledJobId': 'text',
        'created': 'timestamp',
        'updated': 'timestamp',
        'state': 'text',
        'name': 'text',
        'description': 'text',
        'priority': 'boolean',
        'dueByDate': 'timestamp',
        'assignedUserIds': 'json',
        'extra_columns': 'json'
    }
) }}
