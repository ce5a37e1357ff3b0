-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('flow_enabled', true)) }}

{{ frontline_taps.stage(
    source('flow', 'job_snapshots'),
    keys=['clientJobId'],
    columns={
        'clientJobId': 'text',
        'snapshots': 'json'
    }
) }}
