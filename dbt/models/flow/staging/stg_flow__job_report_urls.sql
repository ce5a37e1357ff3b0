-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('flow_enabled', true)) }}

{{ frontline_taps.stage(
    source('flow', 'job_report_urls'),
    keys=['clientJobId'],
    columns={
        'clientJobId': 'text',
        'reportUrl': 'text'
    }
) }}
