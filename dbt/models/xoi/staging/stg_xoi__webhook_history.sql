-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('xoi_enabled', true)) }}

{{ frontline_taps.stage(
    source('xoi', 'webhook_history'),
    keys=['row_id'],
    columns={
        'row_id': 'text',
        'event': 'text',
        'firedAt': 'timestamp',
        'jobId': 'text',
        'orgId': 'text',
        'traits': 'json',
        'workflowId': 'text',
        'workflowJobId': 'text'
    }
) }}
