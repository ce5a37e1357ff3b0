-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('flow_enabled', true)) }}

{{ frontline_taps.stage(
    source('flow', 'jobs'),
    keys=['jobId'],
    columns={
        'jobId': 'text',
        'metadata': 'json',
        'completedSteps': 'json',
        'cancelledSteps': 'json',
        'team': 'text',
        'hierarchyStack': 'json',
        'packetIds': 'json',
        'jobExclusion': 'json',
        'excluded': 'boolean',
        'modified': 'timestamp',
        'extra_columns': 'json'
    }
) }}
