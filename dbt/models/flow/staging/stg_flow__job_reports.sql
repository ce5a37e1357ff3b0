-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('flow_enabled', true)) }}

{{ frontline_taps.stage(
    source('flow', 'job_reports'),
    keys=['jobId', 'generatedReportId'],
    columns={
        'jobId': 'text',
        'generatedReportId': 'text',
        'generated': 'timestamp',
        'templateName': 'text',
        'mimeType': 'text',
        'downloadUrl': 'text'
    }
) }}
